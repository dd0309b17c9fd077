using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of several traces: a plan of the views, and a block for each prompt,
/// view and file, which the script decodes when it is asked for.</summary>
static class ViewBlocks
{
    public static IEnumerable<DataBlock> Of(TraceViews views)
    {
        yield return DataBlock.Json("data", json => WritePlan(json, views));
        foreach (var (index, prompt) in views.Prompts.Index())
        {
            yield return DataBlock.Json($"prompt-{index}", json => WritePrompt(json, prompt));
            foreach (var (view, result) in prompt.Results.Index())
                yield return DataBlock.Json(
                    $"view-{prompt.First + view}", json => WriteView(json, result, prompt.First + view));
            foreach (var file in SharedText.Blocks(
                $"file-{index}", prompt.Results.Select(result => new TraceView(result).Exported())))
                yield return file;
        }
    }

    /// <summary>Writes the row of a prompt in the table of prompts.</summary>
    public static void WriteRow(Utf8JsonWriter json, TraceResult result)
    {
        var row = PromptRow.Of(result);
        json.WriteStartArray();
        json.WriteStringValue(row.Prediction);
        WriteNumber(json, row.Probability);
        json.WriteStringValue(row.Path);
        WriteNumber(json, row.Score);
        json.WriteEndArray();
    }

    static void WritePlan(Utf8JsonWriter json, TraceViews views)
    {
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        if (views.AreExplained)
            json.WriteBoolean("explained", true);
        TraceData.Array(json, "prompts", views.Prompts, prompt =>
        {
            json.WriteStartObject();
            json.WriteNumber("number", prompt.Number);
            json.WriteNumber("first", prompt.First);
            json.WriteString("label", prompt.Label);
            TraceData.Array(json, "targets", prompt.Targets, json.WriteNumberValue);
            TraceData.Array(json, "layers", prompt.Layers, json.WriteNumberValue);
            TraceData.Array(json, "heads", prompt.Heads, heads => json.WriteStringValue(heads.ToString()));
            if (views.Prompts.Length > 1)
                TraceData.Array(json, "rows", prompt.Results, result => WriteRow(json, result));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    static void WritePrompt(Utf8JsonWriter json, PromptViews prompt)
    {
        json.WriteStartObject();
        TraceData.WriteTokens(json, prompt.Results[0]);
        json.WriteEndObject();
    }

    static void WriteView(Utf8JsonWriter json, TraceResult result, int index)
    {
        var view = new TraceView(result);
        json.WriteStartObject();
        json.WriteNumber("view", index);
        view.WriteMembers(json);
        TraceData.Array(json, "facts", TraceWords.Facts(result), fact =>
        {
            json.WriteStartArray();
            json.WriteStringValue(fact.Name);
            json.WriteStringValue(fact.Value);
            json.WriteEndArray();
        });
        TraceData.Array(
            json, "notices", view.Result.Notices, notice => json.WriteStringValue(TraceWords.Notice(notice)));
        json.WriteEndObject();
    }

    static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } value)
            json.WriteNumberValue(Math.Round(value, 6));
        else
            json.WriteNullValue();
    }
}

/// <summary>What the table of prompts says about a trace.</summary>
/// <param name="Prediction">The likeliest next token; empty if unknown.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Path">The best path, the earliest token first; empty if there is none.</param>
/// <param name="Score">Its score.</param>
readonly record struct PromptRow(string Prediction, double? Probability, string Path, double? Score)
{
    // In characters. A cell stays short.
    const int LongestToken = 18;

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
