"""The process that serves: doors, the story, engines. See ARCHITECTURE.md for the map."""
