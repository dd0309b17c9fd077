using RatIlgpu.Analysis;

namespace RatIlgpu.Testing;

/// <summary>Parts of atlases without a model: each unit adds numbers that follow from its own.</summary>
static class MadePart
{
    const int Layers = 2, Heads = 2;

    /// <summary>Gets what the parts are of.</summary>
    public static PartialSource Source { get; } = new()
    {
        Model = "made",
        Fingerprint = "2 layers, 2/1 heads, 0123456789ABCDEF",
        Device = "cpu, Vector256",
        Version = "1.0",
        Texts = "made.txt",
        TextsHash = new('a', 64),
        LayerCount = Layers,
        HeadCount = Heads,
        KeyValueHeadCount = 1,
        Window = 16,
        HasWindow = [false, true],
        Options = [new("score-profile", "Robust"), new("seed", "3"), new("text-length", "128")],
    };

    /// <summary>Makes a part.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="units">The units of each pass of all shards.</param>
    /// <param name="source">What the part is of; null for <see cref="Source"/>.</param>
    public static PartialAtlas Of(AtlasShard shard, int units = 6, PartialSource? source = null)
    {
        source ??= Source;
        var sums = new AtlasSums(source.Sizes);
        foreach (var pass in AtlasLayouts.Passes)
            for (var number = shard.Index; number < units; number += shard.Count)
                Add(sums, pass, number);
        return new(source, shard, sums) { IsComplete = true, Warnings = ["A family is absent."] };
    }

    /// <summary>Returns the bytes of the file of a part.</summary>
    public static byte[] Bytes(PartialAtlas part)
    {
        using var stream = new MemoryStream();
        PartialWriter.Write(part, stream);
        return stream.ToArray();
    }

    static void Add(AtlasSums sums, AtlasPass pass, int number)
    {
        var random = new SeededRandom(number, pass.ToString(), 0);
        var (own, of) = (sums[pass], sums[pass].GroupOf(number % PassSums.GroupCount));
        own.Numbers.Add(number);
        foreach (var numbers in (long[][])[of.Heads, of.Data])
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] += random.Below(1 << 20) * (1L << 30);
        for (var i = 0; i < 100 && own.Maps.Length > 0; i++)
            own.Maps[random.Below(own.Maps.Length)] += random.Below(1 << 20);
        for (var i = 0; i < own.MapCounts.Length; i += 7)
            own.MapCounts[i]++;
        if (pass != AtlasPass.Text)
            return;
        float[] most = [.. Enumerable.Range(0, Layers * Heads).Select(_ => (float)random.Below(100))];
        sums.Activities.Add(new SequenceActivity(
            number, [number, 7, 9], most, [.. most.Select(one => (short)(one % 3))]));
    }
}
