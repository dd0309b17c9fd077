using System.Collections.Immutable;
using RatIlgpu.Devices;
using RatIlgpu.Files;

namespace RatIlgpu.Tracing;

sealed partial class TraceReader
{
    const int UnknownId = -1;

    TracedModel Model() => own?["model"] is { } model
        ? new(Text(model["name"]), model["layer_count"].Whole(0), model["head_count"].Whole(0))
        : new("unknown", 0, 0);

    static TraceOptions WithOwn(TraceOptions options, JsonPart kept, int length, TracedModel model)
    {
        var heads = kept["agg_heads"].As(
            HeadAggregation.Parse, "mean, max, a head such as 3, mean:0,2,5 or max:0,2,5");
        if (model.HeadCount > 0 && !heads.Heads.IsEmpty && heads.Heads[^1] >= model.HeadCount)
            throw kept["agg_heads"].Unexpected($"heads 0 to {model.HeadCount - 1}");
        return options with
        {
            MinAttention = kept["min_attn"].Number(0, 1),
            Heads = heads,
            LengthNormalization =
                kept["length_norm"].As(LengthNormalization.Parse, "none, avg_logprob, sqrt or pow:NUMBER"),
            StopAtBos = kept["stop_at_bos"].Flag(),
            BosTokenId = kept.Find("bos_token_id")?.Whole(0),
            AttentionMask = kept.Find("attention_mask") is { } mask
                ? [.. mask.Items(length).Select(entry => entry.Whole(0, 1))]
                : null,
        };
    }

    int[] Ids(int length) => own?["token_ids"] is { } ids
        ? [.. ids.Items(length).Select(id => id.Whole(UnknownId))]
        : [.. Enumerable.Repeat(UnknownId, length)];

    string[] Texts(string[] names)
    {
        string[] texts = [.. names];
        foreach (var (position, token) in Sparse("token_texts", names.Length))
        {
            texts[position] = Text(token["text"]);
            if (TraceJson.WellFormed(texts[position]) != names[position])
                throw token["text"].Unexpected("the text of the token");
        }

        return texts;
    }

    ImmutableArray<byte>[] Bytes(int length)
    {
        ImmutableArray<byte>[] bytes = [.. Enumerable.Repeat(ImmutableArray<byte>.Empty, length)];
        foreach (var (position, token) in Sparse("token_bytes", length))
        {
            bytes[position] = [.. token["bytes"].As(Convert.FromBase64String, "bytes in base64")];
            token["bytes"].Need(bytes[position].Length > 0, "at least one byte in base64");
        }

        return bytes;
    }

    ImmutableArray<double> Weights(ImmutableArray<BeamPath> paths)
    {
        var expected = PathWeights.Softmax([.. paths.Select(path => path.Score)]);
        return own?["path_weights"] is { } weights
            ? [.. weights.Items(paths.Length).Zip(expected, (weight, near) => Near(weight, near))]
            : expected;
    }

    ImmutableSortedDictionary<int, double> SelfAttention(int target) => Sparse("self_attention", target + 1)
        .ToImmutableSortedDictionary(self => self.Position, self => Attention(self.Place["attention"]));

    ImmutableArray<double> TargetAttention(int target)
    {
        if (own?["target_attention"] is not { } row || row.Items().Length == 0)
            return [];
        return [.. row.Items(target + 1).Select(Attention)];
    }

    ImmutableArray<string> Notices() => own?["notices"] is { } notices
        ? [.. notices.Items().Select(Text)]
        : ["The file does not say which model was traced, nor with which heads, least attention, length normalization, "
            + "BOS token and mask: the defaults are shown."];

    // Things that only some positions have, ascending.
    IEnumerable<(int Position, JsonPart Place)> Sparse(string name, int length)
    {
        var next = 0;
        foreach (var place in own?[name].Items() ?? [])
        {
            var position = place["position"].Whole(next, length - 1);
            next = position + 1;
            yield return (position, place);
        }
    }

    static double Attention(JsonPart place) => place.Number(0, LargestAttention);

    static string Text(JsonPart place) => place.IsText
        ? place.Text()
        : string.Concat(place["utf16"].Items().Select(unit => (char)unit.Whole(0, char.MaxValue)));
}
