"""The page that planners open in a browser: `ccsim web`.

What it does stands in modules that know no browser (`desk`, `workspace`, `form`, `jobs`, `work` ...); `views` draws it with NiceGUI, which
but for `serve` nothing else imports. `guard` looks at every request before any of them sees it.
"""
