namespace RatIlgpu.Text;

/// <summary>Says why a template cannot be read or rendered.</summary>
/// <param name="line">The line of the template, from 1.</param>
/// <param name="fault">The fault, without the place.</param>
sealed class TemplateException(int line, string fault) : Exception($"line {line}: {fault}")
{
    /// <summary>Gets the fault, without the place.</summary>
    public string Fault { get; } = fault;

    /// <summary>Gets whether the template itself refuses the chat, with <c>raise_exception</c>.</summary>
    public bool IsRaised { get; init; }

    /// <summary>Makes the exception for a construct that Jinja may know, and this interpreter does not.</summary>
    public static TemplateException Unknown(int line, string construct) =>
        new(line, $"{construct} is not known here");
}
