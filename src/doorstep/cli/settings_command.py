"""``doorstep settings``: what is in force and where it comes from, or the reference page."""

from doorstep.settings import load_settings, settings_page, settings_text


def settings(*, markdown: bool = False) -> int:
    """Show every setting, its value and where the value comes from; secrets stay hidden.

    Parameters
    ----------
    markdown
        Print the reference page of the documentation instead.
    """
    print(settings_page() if markdown else settings_text(load_settings()), end="" if markdown else "\n")
    return 0
