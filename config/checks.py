"""System checks with ids of our own: manage.py check --deploy."""
