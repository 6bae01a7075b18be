"""The layers of a map: fetched in a task, added in the window's thread, following the month."""
