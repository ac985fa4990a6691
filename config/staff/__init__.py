"""Who works here and in which role: the screens and the acts, above the roles themselves."""
