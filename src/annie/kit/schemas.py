"""The wire shape that all resources share: camelCase, envelopes, and field types."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

Data = TypeVar("Data")


class RequestModel(BaseModel):
    """A request body. Fields are named in camelCase only; unknown ones are refused by name."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", use_enum_values=False)

    def given(self) -> dict[str, Any]:
        """The fields that the client sent, by their Python names (nested models as dicts)."""
        return self.model_dump(exclude_unset=True)


class ResponseModel(BaseModel):
    """A response body; in code it is built by Python names or from a row's attributes."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        from_attributes=True,
        serialize_by_alias=True,
    )


def example(value: Any) -> ConfigDict:
    """Model configuration with one example for the OpenAPI description."""
    return ConfigDict(json_schema_extra={"examples": [value]})


def absent() -> Any:
    """Default of a field that may be left out of a PATCH but not be ``null``."""
    return Field(default_factory=lambda: None)


class Success(ResponseModel, Generic[Data]):
    """The envelope of every success."""

    success: Literal[True] = True
    data: Data


class SuccessWithMessage(Success[Data], Generic[Data]):
    """A success with a sentence for a person."""

    message: str


class ErrorDetail(ResponseModel):
    """One field that was refused."""

    field: str = Field(description="Dotted name on the wire.", examples=["address.zip"])
    message: str = Field(examples=["is required"])


class ErrorBody(ResponseModel):
    """What went wrong, for a program."""

    code: str = Field(description="Stable, snake_case.", examples=["invalid_fields"])
    details: list[ErrorDetail]


class Failure(ResponseModel):
    """The envelope of every refusal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "success": False,
                    "message": "1 field can't be accepted: address.zip is required",
                    "error": {
                        "code": "invalid_fields",
                        "details": [{"field": "address.zip", "message": "is required"}],
                    },
                }
            ]
        }
    )

    success: Literal[False] = False
    message: str
    error: ErrorBody


class Deleted(ResponseModel):
    """What a DELETE answers with."""

    id: str = Field(examples=["0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"])


def _no_nul(value: str) -> str:
    # PostgreSQL's text can't hold it, and no honest client sends it.
    if "\x00" in value:
        raise ValueError("must not contain the character U+0000")
    return value


def filled(value: str) -> str:
    """``value`` without the spaces around it; raises ``ValueError`` where nothing is left."""
    # Zero-width characters would make a name that nobody can see.
    if not any(each.isprintable() and not each.isspace() for each in value):
        raise ValueError("must not be blank")
    return value.strip()


def _to_wire(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


#: ``true`` or ``false``, and nothing that merely resembles them.
Switch = Annotated[bool, Strict()]
#: Text that may be empty.
Text = Annotated[
    str,
    Field(max_length=10_000, json_schema_extra={"pattern": "^[^\\u0000]*$"}),
    AfterValidator(_no_nul),
]
#: Text that says something, kept without the spaces around it.
FilledText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=10_000,
        json_schema_extra={"pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
    ),
    AfterValidator(_no_nul),
    AfterValidator(filled),
]
#: A short name that says something, kept without the spaces around it. The one type for names.
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        json_schema_extra={"pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
    ),
    AfterValidator(_no_nul),
    AfterValidator(filled),
]
#: An instant as ISO 8601 in UTC with milliseconds.
Timestamp = Annotated[
    datetime,
    PlainSerializer(_to_wire, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-03-02T15:00:00.000Z"]}
    ),
]
