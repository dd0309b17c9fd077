using RatIlgpu.Cli.Analysis;

namespace RatIlgpu.Cli;

/// <summary>Prints the first lines of a report: the model, the device, the prompts and the metric.</summary>
static class ReportHead
{
    const int Column = 11;

    /// <summary>Prints model, device and prompts.</summary>
    public static void PrintHead(
        TextWriter output, LanguageModel model, params ReadOnlySpan<(string Name, ImmutableArray<int> Ids)> prompts)
    {
        PrintModel(output, model, Column);
        foreach (var (name, ids) in prompts)
            output.WriteLine($"{name,-Column}{Tokens(ids, model)}");
        var longest = 0;
        foreach (var (_, ids) in prompts)
            longest = int.Max(longest, ids.Length);
        if (longest > model.Config.MaxPositions)
            output.WriteLine(
                $"{"Note",-Column}The prompt has {longest} tokens, beyond the {model.Config.MaxPositions} positions "
                + "the model was made for: results there may mean little.");
    }

    /// <summary>Prints model and device; their values start in a column, from 0.</summary>
    public static void PrintModel(TextWriter output, LanguageModel model, int column)
    {
        var (config, device) = (model.Config, model.Network.Device);
        output.WriteLine(
            $"{"Model".PadRight(column)}{OneLine.Escape(model.Name)}: {config.LayerCount} layers, "
            + $"{config.HeadCount} heads, width {config.HiddenSize}");
        output.WriteLine($"{"Device".PadRight(column)}{device.Name}: {device.Description}");
    }

    /// <summary>Returns the line that names the metric and gives its value.</summary>
    public static string Metric(LogitTarget target, int position, LanguageModel model, double measured) =>
        Metric(target, position, model) + string.Create(CultureInfo.InvariantCulture, $": {measured:F3}");

    /// <summary>Returns the line that names the metric.</summary>
    public static string Metric(LogitTarget target, int position, LanguageModel model)
    {
        if (target.Direction is { } direction)
            return $"{"Metric",-Column}direction '{OneLine.Escape(direction.Name)}' at position {position}";
        var foil = target.Foil is { } other ? $" − {TokenArgument.Show(other, model)}" : "";
        var answer = TokenArgument.Show(target.Answer!.Value, model);
        return $"{"Metric",-Column}logit of {answer}{foil} at position {position}";
    }

    /// <summary>Returns the tokens of a prompt, in one line.</summary>
    public static string Tokens(ImmutableArray<int> ids, LanguageModel model) =>
        $"{ids.Length}: {string.Join(' ', ids.Select(id => PathText.Token(model.Tokenizer.Token(id))))}";
}
