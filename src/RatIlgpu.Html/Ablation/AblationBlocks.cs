using RatIlgpu.Analysis;
using static RatIlgpu.Html.BytePlanes;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of a study: a plan with all means, and for each sample its numbers by
/// position and, where it is shown, its patterns; the script decodes them when the sample is shown.</summary>
sealed class AblationBlocks(AblationReport report, TokenTable tokens, AblationPageOptions options)
{
    /// <summary>The steps of attention. More are not seen, and take half as much space again.</summary>
    public const int Steps = 4000;

    public IEnumerable<DataBlock> All()
    {
        // The numbers name tokens, of which the plan has all.
        var numbers = report.Samples.Select((_, sample) => Numbers(sample)).ToList();
        yield return DataBlock.Json("data", WritePlan);
        foreach (var (sample, bytes) in numbers.Index())
            yield return DataBlock.Compressed($"sample-{sample}", bytes);
        foreach (var (sample, baseline) in report.Samples.Index())
            if (!baseline.Values.IsEmpty || !baseline.Patterns.IsEmpty)
                yield return DataBlock.Compressed($"shown-{sample}", Shown(sample));
    }

    /// <summary>Returns the numbers of a sample from its first changed position on: its predictions, then of each
    /// condition the projections and cosines of each layer, the divergences, and the predictions.</summary>
    public byte[] Numbers(int sample)
    {
        using var stream = new MemoryStream();
        var baseline = report.Samples[sample];
        foreach (var id in baseline.Sample.Ids)
            tokens.Place(id);
        Write(stream, Places(baseline.Predictions));
        foreach (var effect in report.Conditions.Select(condition => condition.Samples[sample]))
        {
            foreach (var layer in effect.Layers)
            {
                Write(stream, Floats(layer.Select(change => change.Projection)));
                Write(stream, Floats(layer.Select(change => change.Cosine)));
            }

            Write(stream, Floats(effect.Divergences.Select(number => (double?)number)));
            Write(stream, Places(effect.Predictions));
        }

        return stream.ToArray();
    }

    /// <summary>Returns the lengths of the values of a shown sample, its patterns without a change, and of each
    /// condition the changes of the heads that are kept, in steps; of each row up to its own key.</summary>
    public byte[] Shown(int sample)
    {
        using var stream = new MemoryStream();
        var baseline = report.Samples[sample];
        foreach (var values in baseline.Values)
            Write(stream, Floats(values.Lengths.Select(length => (double?)length)));
        var before = new Dictionary<HeadIndex, short[]>();
        foreach (var shown in baseline.Patterns)
            Write(stream, before[shown.Head] = StepsOf(shown, baseline));
        foreach (var shown in report.Conditions.SelectMany(condition => condition.Samples[sample].Patterns))
            Write(
                stream,
                StepsOf(shown, baseline).Zip(before[shown.Head], (after, old) => (short)(after - old)).ToArray());
        // Nothing, compressed, is nothing, which a browser does not take for an end.
        return stream.Length > 0 ? stream.ToArray() : [0];
    }

    /// <summary>Returns a number with 16 binary digits: the last byte is 0, which compresses to nothing.</summary>
    public static float Short(double? number) => number is { } some && double.IsFinite(some)
        ? BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits((float)some) + 0x80) & ~0xFFu)
        : float.NaN;

    static short[] StepsOf(ShownAttention shown, AblationBaseline baseline)
    {
        var keys = baseline.Sample.Ids.Length;
        return
        [
            .. from row in Enumerable.Range(0, keys - baseline.First)
               from key in Enumerable.Range(0, baseline.First + row + 1)
               select (short)Math.Round(Math.Clamp(shown.Rows[(row * keys) + key], 0, 1) * Steps),
        ];
    }

    static float[] Floats(IEnumerable<double?> numbers) => [.. numbers.Select(Short)];

    uint[] Places(IEnumerable<int> ids) => [.. ids.Select(id => (uint)tokens.Place(id))];

    void WritePlan(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        FileHead.Write(json, "ablation", options.Model, options.Origin);
        json.WriteString("part", IdOf(report.Conditions[0].Condition.Part));
        json.WriteBoolean("everywhere", report.Options.Everywhere);
        json.WriteNumber("steps", Steps);
        TraceData.Array(json, "conditions", report.Conditions, effect => WriteCondition(json, effect));
        TraceData.Array(
            json, "samples", report.Samples.Index(), sample => WriteSample(json, sample.Item, sample.Index));
        WriteTexts(json, tokens);
        json.WriteEndObject();
    }

    static void WriteCondition(Utf8JsonWriter json, ConditionEffect effect)
    {
        json.WriteStartObject();
        json.WriteString("name", effect.Condition.ShortName);
        json.WriteString("words", effect.Condition.ToString());
        json.WriteString("kind", IdOf(effect.Condition.Kind));
        TraceData.WriteHeads(json, "heads", effect.Condition.Heads);
        json.WriteNumber("layer", effect.Condition.Layer);
        TraceData.Array(json, "projection", effect.Layers, layer => WriteSpread(json, layer.Projection));
        TraceData.Array(json, "cosine", effect.Layers, layer => WriteSpread(json, layer.Cosine));
        json.WritePropertyName("divergence");
        WriteSpread(json, effect.Divergence);
        json.WritePropertyName("changed");
        WriteSpread(json, effect.Changed);
        json.WriteEndObject();
    }

    void WriteSample(Utf8JsonWriter json, AblationBaseline baseline, int sample)
    {
        json.WriteStartObject();
        WriteTokens(json, baseline.Sample, tokens, report.Options.Everywhere);
        json.WriteNumber("first", baseline.First);
        TraceData.Array(json, "values", baseline.Values, one => json.WriteStringValue(one.Head.ToString()));
        TraceData.Array(json, "patterns", baseline.Patterns, one => json.WriteStringValue(one.Head.ToString()));
        TraceData.Array(json, "kept", report.Conditions, condition =>
        {
            json.WriteStartArray();
            foreach (var shown in condition.Samples[sample].Patterns)
            {
                json.WriteStartArray();
                json.WriteNumberValue(baseline.Patterns.Index().First(one => one.Item.Head == shown.Head).Index);
                json.WriteNumberValue(shown.Variation);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    /// <summary>Writes the tokens of a sample, by their places in the table, and its position; null where all are
    /// changed and looked at.</summary>
    static void WriteTokens(Utf8JsonWriter json, AblationSample sample, TokenTable tokens, bool everywhere)
    {
        TraceData.Array(json, "at", sample.Ids, id => json.WriteNumberValue(tokens.Place(id)));
        if (everywhere)
            json.WriteNull("position");
        else
            json.WriteNumber("position", sample.Position);
    }

    /// <summary>Writes the samples of a page that has nothing else of them.</summary>
    public static void WriteSamples(Utf8JsonWriter json, ValueArray<AblationSample> samples, TokenTable tokens) =>
        TraceData.Array(json, "samples", samples, sample =>
        {
            json.WriteStartObject();
            WriteTokens(json, sample, tokens, everywhere: false);
            json.WriteEndObject();
        });

    /// <summary>Writes the table of tokens, after all that takes a place in it.</summary>
    public static void WriteTexts(Utf8JsonWriter json, TokenTable tokens)
    {
        TraceData.Array(json, "ids", tokens.Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, [.. tokens.Tokens]);
    }

    /// <summary>Writes mean, spread and count, with null where there is no number.</summary>
    public static void WriteSpread(Utf8JsonWriter json, MeanAndSpread number)
    {
        json.WriteStartArray();
        foreach (var one in new[] { number.Mean, number.Spread })
            if (double.IsFinite(one))
                json.WriteNumberValue(one);
            else
                json.WriteNullValue();
        json.WriteNumberValue(number.Count);
        json.WriteEndArray();
    }

    static string IdOf(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
