using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Reads what all pages of analyses have.</summary>
static class PageLook
{
    /// <summary>Returns the options of a page: its title, theme, explanation and largest size.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="origin">What makes the results; null where it is known later.</param>
    public static T Of<T>(ParseResult parsed, CliOptions options, TraceOrigin? origin = null)
        where T : PageOptions, new() => new()
        {
            Title = parsed.Get(options.Title),
            Theme = parsed.Get(options.Theme),
            HelpText = parsed.Get(options.HelpText),
            MaxBytes = parsed.Get(options.MaxBytes),
            Origin = origin is null ? null : origin with { Title = parsed.Get(options.Title) },
        };
}
