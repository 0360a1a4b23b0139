"""Fields of a form that a page has sent."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from serve.problems import Problem

MOST_FIELDS = 50


async def fields(request: Request) -> dict[str, str]:
    """The fields by name, of a body as forms send it; the last one of a name counts."""
    body = await request.body()
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Problem(400, "form: cannot be read") from error
