using static RatIlgpu.Analysis.AnalysisJson;

namespace RatIlgpu.Analysis;

/// <summary>Writes reports on components as JSON; docs/components.md describes the file.</summary>
public static class ComponentsJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(ComponentReport report, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, report, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        ComponentReport report, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, report, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(ComponentReport report, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, report, model, origin));

    static void Write(Utf8JsonWriter json, ComponentReport report, LanguageModel model, TraceOrigin? origin)
    {
        WriteHead(json, "components", model, origin);
        json.WriteString("decomposition", Name(report.Kind));
        json.WriteNumber("layer", report.Layer);
        if (report.Circuit is { } circuit)
        {
            json.WriteString("circuit_head", circuit.Head.ToString());
            json.WriteNumber("circuit_distance", circuit.Distance);
        }

        WriteTokens(json, "tokens", report.Prompt, model);
        WriteObjects(json, "matrices", report.Matrices, matrix => WriteMatrix(json, matrix));
        WriteScores(json, report.Scores);
        WriteNamedArray(json, "scores_over_offsets", report.Offsets);
        WriteActivity(json, report.Activity);
        WriteNamedArray(json, "read_similarity", report.ReadSimilarity);
        WriteObjects(json, "induction", report.Induction, detail => WriteInduction(json, detail));
        WriteObjects(json, "stories", report.Stories, story => WriteStory(json, story));
    }

    static void WriteMatrix(Utf8JsonWriter json, MatrixReport matrix)
    {
        json.WriteString("matrix", Name(matrix.Projection));
        json.WriteNumber("component_count", matrix.Count);
        json.WriteNumber("alive_count", matrix.AliveCount);
        WriteNumber(json, "delta_share", matrix.DeltaShare);
        WriteList(json, "strengths", matrix.Strengths, json.WriteNumberValue);
        WriteObjects(json, "components", matrix.Components.Index(), one =>
        {
            var spread = matrix.Spreads[one.Index];
            json.WriteNumber("component", one.Item);
            WriteNumber(json, "energy_share", matrix.EnergyShares[one.Index]);
            if (matrix.Labels is { } labels)
                json.WriteString("label", labels[one.Index]);
            WriteNumber(json, "mean_importance", matrix.Importances?[one.Index]);
            WriteNumber(json, "firing_density", matrix.FiringDensities?[one.Index]);
            WriteNumber(json, "entropy", spread.Entropy);
            WriteNumber(json, "entropy_share", spread.Relative);
            WriteNumber(json, "participation", spread.Participation);
            json.WriteNumber("dominant_head", spread.Dominant);
        });
        WriteNamedArray(json, "norms", matrix.Norms);
    }

    static void WriteScores(Utf8JsonWriter json, ScoreContributions scores)
    {
        json.WriteStartObject("scores");
        json.WriteNumber("query", scores.Query);
        WriteList(json, "keys", scores.Keys, json.WriteNumberValue);
        WriteNumber(json, "largest_error", scores.LargestError);
        WriteNamedArray(json, "scores", scores.Scores);
        WriteNamedArray(json, "run_scores", scores.RunScores);
        WriteNamedArray(json, "attention", scores.Attention);
        WriteNamedArray(json, "contributions", scores.Values);
        json.WriteEndObject();
    }

    static void WriteActivity(Utf8JsonWriter json, ComponentActivity activity)
    {
        json.WriteStartObject("activity");
        json.WriteNumber("tokens", activity.Tokens);
        WriteNumber(json, "threshold", activity.Threshold);
        WriteObjects(json, "matrices", activity.Matrices, matrix =>
        {
            json.WriteString("matrix", Name(matrix.Projection));
            WriteList(json, "components", matrix.Components, json.WriteNumberValue);
            WriteList(json, "active", matrix.Active, json.WriteNumberValue);
            WriteList(json, "mean_activation", matrix.MeanActivation, json.WriteNumberValue);
            WriteList(json, "mean_size", matrix.MeanSize, json.WriteNumberValue);
            WriteNamedArray(json, "heads", matrix.Heads);
        });
        WriteList(json, "co_activation", activity.Groups, pairs =>
        {
            json.WriteStartObject();
            WriteList(json, "key", pairs.Select(pair => pair.Key), json.WriteNumberValue);
            WriteList(json, "value", pairs.Select(pair => pair.Value), json.WriteNumberValue);
            WriteList(json, "both", pairs.Select(pair => pair.Both), json.WriteNumberValue);
            WriteList(json, "expected", pairs.Select(pair => pair.Expected), json.WriteNumberValue);
            WriteList(json, "phi", pairs.Select(pair => pair.Phi), json.WriteNumberValue);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    static void WriteInduction(Utf8JsonWriter json, InductionDetail detail)
    {
        json.WriteString("head", detail.Head.ToString());
        json.WriteNumber("kv", detail.KeyValueHead);
        json.WriteNumber("queries", detail.Queries);
        WriteNumber(json, "score", detail.Score);
        WriteList(json, "scores", detail.Scores, json.WriteNumberValue);
        WriteNumber(json, "attention_to_target", detail.Mass.Target);
        WriteNumber(json, "attention_to_first", detail.Mass.First);
        WriteNumber(json, "attention_to_rest", detail.Mass.Rest);
        WriteNumber(json, "query_sum", detail.QuerySum);
        WriteNumber(json, "key_sum", detail.KeySum);
        WriteObjects(json, "effects", detail.Effects, effect =>
        {
            json.WriteString("matrix", Name(effect.Projection));
            json.WriteNumber("component", effect.Component);
            WriteNumber(json, "fraction", effect.Fraction);
            json.WriteString("concentration", Name(effect.Concentration));
            WriteNumber(json, "entropy", effect.Spread.Entropy);
            WriteList(json, "effects", effect.Effects, json.WriteNumberValue);
        });
        WriteObjects(json, "feeders", detail.Feeders, feeder =>
        {
            json.WriteString("source", feeder.Source.ToString());
            json.WriteString("input", Name(feeder.Input));
            WriteNumber(json, "effect", feeder.Effect);
        });
    }

    static void WriteStory(Utf8JsonWriter json, ComponentStory story)
    {
        json.WriteNumber("component", story.Component);
        foreach (var (name, keys) in new[] { ("looks_for", story.LooksFor), ("avoids", story.Avoids) })
            WriteObjects(json, name, keys, key =>
            {
                json.WriteNumber("component", key.Component);
                WriteNumber(json, "peak", key.Peak);
                json.WriteNumber("offset", key.Offset);
                WriteList(json, "offsets", key.Offsets, json.WriteNumberValue);
                WriteList(json, "scores", key.Scores, json.WriteNumberValue);
                WriteObjects(json, "values", key.Values, value =>
                {
                    json.WriteNumber("component", value.Component);
                    json.WriteNumber("both", value.Both);
                });
            });
    }

    static void WriteNamedArray(Utf8JsonWriter json, string name, LabelledArray array)
    {
        json.WriteStartObject(name);
        WriteArray(json, array);
        json.WriteEndObject();
    }
}
