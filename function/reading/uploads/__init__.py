"""From the event of an upload to its result in the bucket: once, whatever is delivered."""
