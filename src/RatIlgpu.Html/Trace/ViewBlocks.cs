using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of several traces or flows: a plan of the views, and a block for each
/// prompt, view and file, which the script decodes when it is asked for.</summary>
static class ViewBlocks
{
    /// <summary>Returns the blocks of a page of several traces or flows.</summary>
    /// <param name="prompts">The prompts with their results.</param>
    /// <param name="viewOf">Returns a result as the page shows it.</param>
    /// <param name="rowOf">Returns what the table of prompts says about a result.</param>
    /// <param name="areExplained">Whether links are explained.</param>
    public static IEnumerable<DataBlock> Of<T>(
        IReadOnlyList<PromptPlan<T>> prompts, Func<T, IPathView> viewOf, Func<T, PromptRow> rowOf,
        bool areExplained = false)
    {
        yield return DataBlock.Json("data", json => WritePlan(
            json, prompts, index => prompts[index].Results.Select(rowOf), areExplained));
        foreach (var (index, prompt) in prompts.Index())
        {
            yield return DataBlock.Json($"prompt-{index}", json => WritePrompt(json, viewOf(prompt.Results[0])));
            foreach (var (place, result) in prompt.Results.Index())
                yield return DataBlock.Json(
                    $"view-{prompt.First + place}", json => WriteView(json, viewOf(result), prompt.First + place));
            foreach (var file in SharedText.Blocks(
                $"file-{index}", prompt.Results.Select(result => viewOf(result).Exported())))
                yield return file;
        }
    }

    // The rows of a prompt in the table of prompts are one for each of its views.
    static void WritePlan(
        Utf8JsonWriter json, IReadOnlyList<PromptPlan> prompts, Func<int, IEnumerable<PromptRow>> rowsOf,
        bool areExplained)
    {
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        if (areExplained)
            json.WriteBoolean("explained", true);
        TraceData.Array(json, "prompts", prompts.Index(), at =>
        {
            var prompt = at.Item;
            json.WriteStartObject();
            json.WriteNumber("number", prompt.Number);
            json.WriteNumber("first", prompt.First);
            json.WriteString("label", prompt.Label);
            TraceData.Array(json, "targets", prompt.Targets, json.WriteNumberValue);
            TraceData.Array(json, "layers", prompt.Layers, json.WriteNumberValue);
            TraceData.Array(json, "heads", prompt.Heads, heads => json.WriteStringValue(heads.ToString()));
            if (prompts.Count > 1)
                TraceData.Array(json, "rows", rowsOf(at.Index), row => WriteRow(json, row));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    static void WriteRow(Utf8JsonWriter json, PromptRow row)
    {
        json.WriteStartArray();
        json.WriteStringValue(row.Token);
        WriteNumber(json, row.Part);
        json.WriteStringValue(row.Path);
        WriteNumber(json, row.Number);
        json.WriteEndArray();
    }

    static void WritePrompt(Utf8JsonWriter json, IPathView view)
    {
        json.WriteStartObject();
        TraceData.WriteTokens(json, view.Tokens, view.PromptLength);
        TraceData.WriteRun(json, view.Mask, []);
        json.WriteEndObject();
    }

    static void WriteView(Utf8JsonWriter json, IPathView view, int index)
    {
        json.WriteStartObject();
        json.WriteNumber("view", index);
        view.WriteMembers(json);
        TraceData.Array(json, "facts", view.Facts, fact =>
        {
            json.WriteStartArray();
            json.WriteStringValue(fact.Name);
            json.WriteStringValue(fact.Value);
            json.WriteEndArray();
        });
        TraceData.Array(json, "notices", view.Notices, notice => json.WriteStringValue(TraceWords.Notice(notice)));
        json.WriteEndObject();
    }

    static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } value)
            json.WriteNumberValue(SankeyJson.Short(value));
        else
            json.WriteNullValue();
    }
}

/// <summary>What the table of prompts says about a result.</summary>
/// <param name="Token">The likeliest next token, or the one that most comes from; empty if unknown.</param>
/// <param name="Part">Its probability, or its share, in [0, 1]; null if unknown.</param>
/// <param name="Path">The best path, the earliest token first; empty if there is none.</param>
/// <param name="Number">The score of this path, or its probability; null if there is none.</param>
readonly record struct PromptRow(string Token, double? Part, string Path, double? Number)
{
    /// <summary>The largest number of characters of a token; a cell stays short.</summary>
    public const int LongestToken = 18;

    public static PromptRow Of(TraceResult result)
    {
        var predicted = result.Predictions.FirstOrDefault();
        var best = result.Paths.FirstOrDefault();
        return new(
            predicted is null ? "" : TokenGlyphs.Show(predicted.Token, LongestToken),
            predicted?.Probability,
            best is null ? "" : RouteOf(result, best),
            best?.Score);
    }

    /// <summary>Returns the tokens of a path, the earliest first.</summary>
    public static string RouteOf(TraceResult result, BeamPath path) => string.Join(
        " → ", path.Positions.Reverse().Select(position =>
            TraceWords.Isolated(TokenGlyphs.Show(result.Tokens[position], LongestToken))));
}
