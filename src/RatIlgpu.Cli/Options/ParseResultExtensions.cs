namespace RatIlgpu.Cli.Options;

/// <summary>Asks a command line what it says.</summary>
static class ParseResultExtensions
{
    extension(ParseResult parsed)
    {
        /// <summary>Returns the value of an option: its default if it is not given, and the default of the type if it
        /// has none.</summary>
        public T? Get<T>(CliOption<T> option) => parsed.GetValue(option) is T value ? value : default;

        /// <summary>Tells whether a switch is given.</summary>
        public bool Get(CliSwitch option) => parsed.Has(option);

        /// <summary>Tells whether an option is given, and not only its default.</summary>
        public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

        /// <summary>Returns the list that an option gives; empty if it is not given.</summary>
        public ImmutableArray<T> List<T>(CliOption<ImmutableArray<T>> option) =>
            parsed.Get(option) is { IsDefault: false } list ? list : [];

        /// <summary>Throws if options are given that mean nothing without another one.</summary>
        /// <exception cref="UsageException">One is given.</exception>
        public void Need(bool holds, string needed, params ReadOnlySpan<Option> options)
        {
            if (holds)
                return;
            foreach (var option in options)
                if (parsed.Has(option))
                    throw new UsageException($"{option.Name} means nothing without {needed}; give that too, or leave "
                        + $"{option.Name} out.");
        }
    }
}
