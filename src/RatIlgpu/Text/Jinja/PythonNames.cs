namespace RatIlgpu.Text;

/// <summary>The attributes that Python's values have: one of them is never undefined, also where it is not known here.
/// </summary>
static class PythonNames
{
    /// <summary>The attributes of texts.</summary>
    public static readonly string[] OfText =
    [
        "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format", "format_map",
        "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition",
        "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip",
        "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
    ];

    /// <summary>The attributes of dictionaries.</summary>
    public static readonly string[] OfMapping =
    [
        "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values",
    ];

    /// <summary>The attributes of lists.</summary>
    public static readonly string[] OfList =
    [
        "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort",
    ];

    /// <summary>The attributes of tuples, ranges and views of dictionaries.</summary>
    public static readonly string[] OfTuple =
        ["count", "index", "isdisjoint", "mapping", "start", "step", "stop"];

    /// <summary>The attributes of numbers.</summary>
    public static readonly string[] OfNumber =
    [
        "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "fromhex", "hex",
        "imag", "is_integer", "numerator", "real", "to_bytes",
    ];
}
