namespace RatIlgpu.Html;

/// <summary>Names the type that makes the formatters of a class for notebooks.</summary>
/// <remarks>.NET Interactive, "Formatting", finds an attribute of this name and shape in any library, so that the
/// library needs no package of it.</remarks>
[AttributeUsage(AttributeTargets.Class)]
sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>Gets the kind of output that a notebook asks for.</summary>
    public string[] PreferredMimeTypes { get; init; } = [];
}
