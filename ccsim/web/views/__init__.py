"""What the page looks like: NiceGUI elements over the desk. Only here NiceGUI is imported, and nothing is worked out here."""
