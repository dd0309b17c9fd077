using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(RecordingFileLaws), typeof(Damage)])]
public sealed class RecordingFileLaws : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Law]
    public void What_is_saved_loads_as_it_was(RecordingCase found)
    {
        found.Recording.Save(folder.Path("run"));
        RecordingEquality.Same(found.Recording, Recording.Load(folder.Path("run")));
    }

    [Law(20)]
    public void Every_truncation_is_refused(RecordingCase found)
    {
        found.Recording.Save(folder.Path("run"));
        var content = File.ReadAllBytes(folder.Path("run"));
        for (var length = 0; length < content.Length; length += 1 + length / 8)
            Assert.Throws<InvalidDataException>(() => Load(content[..length]));
    }

    // The length before the header is right, so that the damage passes the first checks.
    [Law(2000)]
    public void A_damaged_file_is_refused_or_whole(Damage damage)
    {
        var end = 8 + (int)BitConverter.ToInt64(Sound);
        var header = damage.Apply(Sound[8..end]);
        try
        {
            var run = Load([.. BitConverter.GetBytes(header.LongLength), .. header, .. Sound[end..]]);
            foreach (var one in run.Sites.Select(site => run[site]))
            {
                Assert.Equal(one.Shape.Count, one.Values.Length);
                foreach (var position in one.Positions)
                    Assert.InRange(position, 0, run.TokenIds.Length - 1);
                if (one.Heads.IsEmpty)
                    Assert.Equal(one.Width, one.Row(one.Positions[^1]).Length);
                else
                    Assert.Equal(one.Width, one.Row(one.Positions[^1], one.Heads[^1]).Length);
            }
        }
        catch (InvalidDataException fault)
        {
            Assert.DoesNotContain('\n', fault.Message);
        }
    }

    static byte[] Sound { get; } = MakeSound();

    static byte[] MakeSound()
    {
        using var folder = new TemporaryFolder();
        new RecordingCase(4, 3, 2, 1).Recording.Save(folder.Path("run"));
        return File.ReadAllBytes(folder.Path("run"));
    }

    Recording Load(byte[] content) => Recording.Load(folder.Write(content, "damaged"));

    internal static Arbitrary<RecordingCase> Cases { get; } = Arb.From(
        from length in Gen.Choose(1, 9)
        from layers in Gen.Choose(1, 3)
        from heads in Gen.Choose(1, 4)
        from seed in Gen.Choose(0, 10000)
        select new RecordingCase(length, layers, heads, seed),
        found => found.Smaller());

    /// <summary>A recording of random sites, positions, heads and numbers.</summary>
    public sealed record RecordingCase(int Length, int Layers, int Heads, int Seed)
    {
        public Recording Recording
        {
            get
            {
                var random = new Random(Seed);
                var sites = Enum.GetValues<Activation>().SelectMany(activation => Enumerable.Range(0, Layers)
                    .Select(layer => new Site(activation, layer)))
                    .Where(site => (site.IsInLayer || site.Layer == 0) && random.Next(3) == 0)
                    .DefaultIfEmpty(Site.Logits)
                    .ToArray();
                int[] ids = [.. Enumerable.Range(0, Length).Select(_ => random.Next(100000))];
                int[]? mask = random.Next(2) == 0 ? null : [.. ids.Select(_ => random.Next(2))];
                return new(
                    new($"model {Seed} ü 'x'"), [.. ids], mask is null ? null : [.. mask],
                    [.. sites.Select(site => Of(site, random))], random.Next(1, Length + 1));
            }
        }

        public IEnumerable<RecordingCase> Smaller()
        {
            if (Length > 1)
                yield return this with { Length = Length - 1 };
            if (Layers > 1)
                yield return this with { Layers = Layers - 1 };
            if (Heads > 1)
                yield return this with { Heads = Heads - 1 };
        }

        RecordedActivation Of(Site site, Random random)
        {
            var isPattern = site.Activation == Activation.Pattern;
            var hasHeads = site.Activation is (>= Activation.Query and <= Activation.HeadOutput);
            int[] positions = Some(Length), heads = hasHeads ? Some(Heads) : [];
            var width = isPattern ? Length : random.Next(1, 5);
            var count = positions.Length * int.Max(1, heads.Length) * width;
            return new(site, [.. positions], [.. heads], width, [.. Enumerable.Range(0, count).Select(_ => Number())]);

            int[] Some(int count) =>
                [.. Enumerable.Range(0, count).Where(_ => random.Next(2) == 0).DefaultIfEmpty(count - 1)];

            float Number() => random.Next(9) switch
            {
                0 => float.NegativeInfinity,
                1 => float.NaN,
                2 => -0f,
                3 => float.Epsilon,
                _ => random.NextSingle() - 0.5f,
            };
        }
    }
}
