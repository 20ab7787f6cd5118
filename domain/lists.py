"""Lists that are longer than a screen."""

from domain.messages import Button, button, text


def turning(route: str, *args: int | str, page: int, more: bool) -> list[Button]:
    """The buttons to the page before this one and to the next, as far as there are any; the page comes last in them."""
    # NOTE: button. To the page before this one.
    earlier = [button(text("Earlier"), route, *args, page - 1)] if page > 0 else []
    # NOTE: button. To the next page.
    later = [button(text("Later"), route, *args, page + 1)] if more else []
    return [*earlier, *later]
