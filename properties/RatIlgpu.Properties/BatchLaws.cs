namespace RatIlgpu.Properties;

/// <summary>A run of several prompts shows each probe what it is shown in a run of its prompt alone, bit for
/// bit.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class BatchLaws
{
    const int Cases = 40;
    const int GroupCases = 200;

    [Law(Cases)]
    public void A_prompt_of_a_batch_is_shown_as_if_alone(ModelCase some)
    {
        using var tiny = some.Make();
        foreach (var device in Devices())
            using (device)
            using (var model = tiny.On(device))
            {
                var random = new Random(some.Seed);
                var options = Options(random, some.Layers);
                var cases = Enumerable.Range(0, random.Next(1, 7)).Select(_ => Prompt(tiny, some, random)).ToList();
                RecordingProbe[] together = [.. cases.Select(one => Probe(one.Seed, some.Layers))];
                model.RunAll([.. cases.Zip(together, (one, probe) => one.Prompt with { Probe = probe })], options);
                foreach (var ((prompt, seed), probe) in cases.Zip(together))
                {
                    var alone = Probe(seed, some.Layers);
                    model.Run(prompt.Ids, options with { Probe = alone, AttentionMask = prompt.AttentionMask });
                    Same(alone, probe);
                }
            }
    }

    [Law(Cases)]
    public void Logits_are_the_same_wherever_else_they_are_asked_for(ModelCase some)
    {
        using var tiny = some.Make();
        foreach (var device in Devices())
            using (device)
            using (var model = tiny.On(device))
            {
                var random = new Random(some.Seed);
                BatchPrompt[] prompts =
                [
                    .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Prompt(tiny, some, random).Prompt with
                    {
                        Probe = LogitProbe(),
                    }),
                ];
                BatchPrompt[] few = [.. prompts.Select(prompt => prompt with
                {
                    Probe = LogitProbe(),
                    LogitPositions = [.. Enumerable.Range(0, prompt.Ids.Length).Where(_ => random.Next(3) == 0)],
                })];
                model.RunAll(prompts, new());
                model.RunAll(few, new());
                var width = tiny.Config.VocabularySize;
                foreach (var (prompt, own) in prompts.Zip(few))
                    Assert.Equal(
                        own.LogitPositions!.Value.Items.SelectMany(
                            row => LogitsOf(prompt).AsSpan(row * width, width).ToArray()),
                        LogitsOf(own));
            }

        static RecordingProbe LogitProbe() => new(site => site == Site.Logits);

        static float[] LogitsOf(BatchPrompt prompt) =>
            [.. ((RecordingProbe)prompt.Probe!).Shown.SelectMany(one => one.Numbers)];
    }

    [Law(GroupCases, Arbitrary = [typeof(Lengths)])]
    public void Groups_are_as_many_alike_neighbours_as_have_256_tokens(int[] tokens)
    {
        Range[] groups = [.. PromptGroups.Of(tokens, AreAlike)];
        Assert.Equal(
            Enumerable.Range(0, tokens.Length),
            groups.SelectMany(group => Enumerable.Range(0, tokens.Length).Take(group)));
        foreach (var group in groups)
        {
            var (start, end) = (group.Start.Value, group.End.Value);
            Assert.True(end - start == 1 || tokens[group].Sum() <= 256);
            Assert.All(Enumerable.Range(start, end - start - 1), index => Assert.True(AreAlike(index, index + 1)));
            if (end < tokens.Length)
                Assert.True(!AreAlike(end - 1, end) || tokens[start..(end + 1)].Sum() > 256);
        }

        bool AreAlike(int one, int next) => tokens[one] % 5 == 0 == (tokens[next] % 5 == 0);
    }

    /// <summary>Returns the devices on which a batch has the bits of single runs.</summary>
    internal static IEnumerable<Device> Devices() => Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported)
        .Select(level => (Device)new CpuDevice(2, level)).Append(new PlainDevice());

    // Prompts down to one token, with padding anywhere.
    static (BatchPrompt Prompt, int Seed) Prompt(TinyQwen2 tiny, ModelCase some, Random random)
    {
        var ids = tiny.Prompt(random.Next(3) == 0 ? 1 : random.Next(1, some.Length + 1), random.Next());
        ImmutableArray<int>? mask = random.Next(3) switch
        {
            0 => [.. ids.Select((_, position) => position < ids.Length / 3 ? 0 : 1)],
            1 => [.. ids.Select(_ => random.Next(4) == 0 ? 0 : 1)],
            _ => null,
        };
        return (new([.. ids]) { AttentionMask = mask }, random.Next(3) == 0 ? 1 : random.Next());
    }

    static ForwardOptions Options(Random random, int layers) => new()
    {
        LogitCount = random.Next(3) switch { 0 => 0, 1 => 1, _ => int.MaxValue },
        ProbeTakesBlocks = random.Next(2) == 0,
        StopAfter = random.Next(3) == 0
            ? new((Activation)random.Next((int)Activation.ResidualBefore, (int)Activation.FinalNorm), layers - 1)
            : Site.Logits,
    };

    /// <summary>Returns a probe that looks at random activations and changes some of them.</summary>
    internal static RecordingProbe Probe(int seed, int layers)
    {
        var random = new Random(seed);
        var wanted = Enum.GetValues<Activation>().SelectMany(activation => Enumerable.Range(0, layers)
            .Where(_ => random.Next(6) == 0).Select(layer => new Site(activation, layer))).ToHashSet();
        return new(wanted.Contains, (site, activation, device) =>
        {
            if ((site.Layer + (int)site.Activation) % 4 == 0)
                device.Add(activation, activation, activation);
        });
    }

    /// <summary>Holds two probes to have been shown the same, bit for bit.</summary>
    internal static void Same(RecordingProbe expected, RecordingProbe found)
    {
        Assert.Equal(expected.Begun, found.Begun);
        Assert.Equal(
            expected.Shown.Select(one => (one.Site, one.Shape)), found.Shown.Select(one => (one.Site, one.Shape)));
        foreach (var (one, other) in expected.Shown.Zip(found.Shown))
            Assert.Equal(
                one.Numbers.Select(BitConverter.SingleToInt32Bits),
                other.Numbers.Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>The numbers of tokens of some prompts, few or many.</summary>
    static class Lengths
    {
        public static Arbitrary<int[]> Any { get; } = Arb.From(
            from count in Gen.Choose(0, 20)
            from most in Gen.Elements(5, 64, 300)
            from lengths in Gen.Choose(1, most).ArrayOf(count)
            select lengths,
            lengths => [.. lengths.Select((length, at) => (int[])[.. lengths[..at], .. lengths[(at + 1)..]])]);
    }
}
