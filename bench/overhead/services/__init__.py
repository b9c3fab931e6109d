"""One file a server, run by the interpreter of its own environment; none imports anything of ours."""
