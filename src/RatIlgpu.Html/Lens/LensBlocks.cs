using RatIlgpu.Analysis;
using static RatIlgpu.Html.BytePlanes;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of the lens: a plan with all tokens, and the numbers of each prompt,
/// which the script decodes when the prompt is shown.</summary>
/// <param name="view">The states.</param>
/// <param name="options">The model and what made the states.</param>
sealed class LensBlocks(LensView view, LensPageOptions options)
{
    // In place of a token or a direction that a state does not have.
    const uint None = uint.MaxValue;

    public IEnumerable<DataBlock> All()
    {
        yield return DataBlock.Json("data", WritePlan);
        foreach (var (index, prompt) in view.Prompts.Index())
            yield return DataBlock.Compressed($"prompt-{index}", Numbers(prompt));
    }

    /// <summary>Returns the numbers of a prompt: arrays <c>[column, state, place]</c>, one after the other, as the
    /// script reads them.</summary>
    public byte[] Numbers(LensGrid prompt)
    {
        using var stream = new MemoryStream();
        WriteTokens(stream, prompt, view.Top, state => state.Top);
        WriteTokens(stream, prompt, view.Followed, state => state.Tokens);
        var places = view.Directions.Index().ToDictionary(one => one.Item, one => (uint)one.Index);
        Write(stream, Each(prompt, view.Projections, state => state.Projections,
            one => places[one.Direction.Name], None));
        Write(stream, Each(prompt, view.Projections, state => state.Projections, one => one.Value, double.NaN));
        Write(stream, prompt.Cells.Select(state => state.Entropy).ToArray());
        Write(stream, prompt.Cells.Select(state => state.KlDivergence).ToArray());
        return stream.ToArray();
    }

    void WriteTokens(Stream stream, LensGrid prompt, int count, Func<LensState, ValueArray<LensToken>> list)
    {
        Write(stream, Each(prompt, count, list, token => (uint)view.Tokens.Place(token.Id), None));
        Write(stream, Each(prompt, count, list, token => (uint)token.Rank, 0u));
        Write(stream, Each(prompt, count, list, token => (float)token.Logit, float.NaN));
        Write(stream, Each(prompt, count, list, token => token.Probability, double.NaN));
    }

    static TNumber[] Each<TItem, TNumber>(
        LensGrid prompt,
        int count,
        Func<LensState, ValueArray<TItem>> list,
        Func<TItem, TNumber> number,
        TNumber none)
    {
        var numbers = new TNumber[prompt.Cells.Length * count];
        Array.Fill(numbers, none);
        foreach (var (cell, state) in prompt.Cells.Index())
            foreach (var (place, item) in list(state).Index())
                numbers[(cell * count) + place] = number(item);
        return numbers;
    }

    void WritePlan(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        FileHead.Write(json, "lens", options.Model, options.Origin);
        TraceData.Array(json, "states", view.States, json.WriteStringValue);
        TraceData.Array(json, "ids", view.Tokens.Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, [.. view.Tokens.Tokens]);
        json.WriteNumber("top", view.Top);
        json.WriteNumber("followed", view.Followed);
        json.WriteNumber("projections", view.Projections);
        TraceData.Array(json, "directions", view.Directions, json.WriteStringValue);
        TraceData.Array(json, "names", Enumerable.Range(0, view.Followed), place =>
            json.WriteStringValue(LensWords.Followed(view, place)));
        WriteRanges(json, view.Ranges);
        TraceData.Array(json, "prompts", view.Prompts, prompt => WritePrompt(json, prompt));
        TraceData.Array(json, "mean", view.Batch.Mean, mean => WriteMean(json, mean));
        json.WriteEndObject();
    }

    static void WriteRanges(Utf8JsonWriter json, LensRanges ranges)
    {
        json.WriteStartObject("ranges");
        TraceData.Array(json, "topLogit", [ranges.TopLogit.Low, ranges.TopLogit.High], json.WriteNumberValue);
        TraceData.Array(json, "logit", [ranges.Logit.Low, ranges.Logit.High], json.WriteNumberValue);
        json.WriteNumber("rank", ranges.LargestRank);
        json.WriteNumber("kl", ranges.LargestDivergence);
        json.WriteNumber("entropy", ranges.LargestEntropy);
        json.WriteNumber("projection", ranges.LargestProjection);
        json.WriteEndObject();
    }

    void WritePrompt(Utf8JsonWriter json, LensGrid prompt)
    {
        json.WriteStartObject();
        json.WriteString("label", prompt.Label);
        TraceData.Array(json, "at", prompt.Reading.TokenIds, id => json.WriteNumberValue(view.Tokens.Place(id)));
        TraceData.Array(json, "positions", prompt.Positions, json.WriteNumberValue);
        TraceData.Array(json, "order", prompt.Order, json.WriteNumberValue);
        TraceData.WriteRun(json, prompt.Reading.AttentionMask, prompt.Reading.Interventions);
        json.WriteEndObject();
    }

    static void WriteMean(Utf8JsonWriter json, LensMean mean)
    {
        json.WriteStartObject();
        json.WriteString("state", mean.State.Label);
        WritePair(json, "entropy", mean.Entropy);
        WritePair(json, "kl_divergence", mean.KlDivergence);
        TraceData.Array(json, "followed", mean.Followed, token =>
        {
            json.WriteStartObject();
            WritePair(json, "rank", token.Rank);
            WritePair(json, "logit", token.Logit);
            WritePair(json, "probability", token.Probability);
            json.WriteEndObject();
        });
        TraceData.Array(json, "projections", mean.Projections, one =>
        {
            json.WriteStartObject();
            WritePair(json, "value", one);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    static void WritePair(Utf8JsonWriter json, string name, MeanAndSpread number) =>
        TraceData.Array(json, name, [number.Mean, number.Spread], one =>
        {
            if (double.IsFinite(one))
                json.WriteNumberValue(one);
            else
                json.WriteNullValue();
        });
}
