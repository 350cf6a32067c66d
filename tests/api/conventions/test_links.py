"""The Link header keeps the filters and replaces the cursor."""

from doorstep.api.conventions.links import next_link


def test_filters_are_kept_and_the_old_cursor_goes():
    query = [("state", "placed"), ("cursor", "old"), ("state", "on hold")]
    assert next_link("/v1/orders", query, cursor="new") == (
        '</v1/orders?state=placed&state=on+hold&cursor=new>; rel="next"'
    )


def test_nothing_can_break_out_of_the_brackets():
    link = next_link("/v1/or>ders", [("a>", "\r\nX: 1")], cursor="c")
    assert link == '</v1/or%3Eders?a%3E=%0D%0AX%3A+1&cursor=c>; rel="next"'
