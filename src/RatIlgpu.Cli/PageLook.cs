using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
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

    /// <summary>Returns what a page says of the changes of the runs that it shows, those of <c>--ablate</c> and those
    /// that were recorded; nothing of runs as they are.</summary>
    /// <param name="ablated">The heads that all runs go without.</param>
    /// <param name="prompts">The prompts, in the order of the page.</param>
    public static ImmutableArray<string> Changes(ImmutableArray<HeadIndex> ablated, IEnumerable<Prompt> prompts)
    {
        ImmutableArray<ValueArray<string>> each = [.. prompts.Select(OfPrompt)];
        // Recordings may be of runs that were changed in different ways.
        return each.Distinct().Count() < 2
            ? [.. each.Take(1).SelectMany(one => one)]
            : [.. each.Index().SelectMany(one => one.Item.Select(text => string.Create(
                CultureInfo.InvariantCulture, $"Prompt {one.Index + 1}: {text}")))];

        ValueArray<string> OfPrompt(Prompt prompt)
        {
            var recorded = RecordedChanges.Of(prompt);
            return
            [
                .. Without([.. ablated, .. recorded.Ablated]),
                .. recorded.Others.Select(text => $"Changed: {text}."),
            ];
        }
    }

    /// <summary>Returns what was changed in the run of each prompt, in the words of a recording.</summary>
    /// <param name="ablated">The heads that all runs go without.</param>
    /// <param name="prompts">The prompts, in the order of the page.</param>
    /// <param name="session">The model.</param>
    public static ImmutableArray<ValueArray<string>> Interventions(
        ImmutableArray<HeadIndex> ablated, IEnumerable<Prompt> prompts, Session session)
    {
        var own = session.Ablations(ablated).Select(change => change.ToString()).ToList();
        return [.. prompts.Select(prompt => (ValueArray<string>)[.. own, .. prompt.Recording?.Interventions ?? []])];
    }

    static ImmutableArray<string> Without(ImmutableArray<HeadIndex> heads) =>
        heads.IsEmpty ? [] : [$"Without {string.Join(", ", heads)}: their outputs are 0."];
}
