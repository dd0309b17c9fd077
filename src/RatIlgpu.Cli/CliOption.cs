namespace RatIlgpu.Cli;

/// <summary>An option of a command.</summary>
/// <typeparam name="T">The type of its value.</typeparam>
sealed class CliOption<T> : Option<T>
{
    /// <summary>Declares a switch.</summary>
    /// <param name="names">The names as the help lists them, such as <c>--text, -t</c>.</param>
    /// <param name="description">The text in the help.</param>
    public CliOption(string names, string description)
        : base(names.Split(", ")[0], names.Split(", ")[1..]) =>
        Description = description;

    /// <summary>Declares an option that has a value; without a reader, the parser of the type reads it.</summary>
    public CliOption(string names, string value, string description, Func<string, T>? read = null)
        : this(names, description)
    {
        HelpName = value;
        if (read is not null)
            CustomParser = result => Parsing.Read(result, read);
    }

    /// <summary>Declares an option that has a value and a default, which the help shows.</summary>
    public CliOption(string names, string value, string description, T initial, Func<string, T>? read = null)
        : this(names, value, description, read) =>
        DefaultValueFactory = _ => initial;
}
