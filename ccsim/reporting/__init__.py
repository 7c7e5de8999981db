"""What people see: sentences, tables and pictures of what was worked out elsewhere."""
