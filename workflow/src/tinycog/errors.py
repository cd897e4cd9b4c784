"""The one exception meant for people: its text is the whole message they see."""


class InputError(ValueError):
    """Something given by the user (a config key, a file, a table) cannot be used.

    The message says what was found, where, what is allowed, and what to do. The command line prints it without
    a traceback; everything else that is raised is a bug and keeps its traceback.
    """
