"""Sample documents made by the project itself, each with its text beside it; `make.py` draws them anew."""
