namespace RatIlgpu.Analysis;

/// <summary>Reads a part of an atlas, which is trusted in nothing.</summary>
sealed class PartialReader
{
    const int MostLayers = 1 << 16;
    const int MostHeads = 1 << 18;

    readonly PartReader file;

    PartialReader(PartReader file) => this.file = file;

    /// <summary>Reads a part.</summary>
    /// <inheritdoc cref="PartialAtlas.Load"/>
    public static PartialAtlas Read(string path) =>
        PartReader.Read(path, PartialFile.Format, file => new PartialReader(file).Read());

    PartialAtlas Read()
    {
        var source = Source();
        var (index, count) = (
            file.Number(0, int.MaxValue, "shard"), file.Number(1, int.MaxValue, "number of shards"));
        if (index >= count)
            throw file.Wrong($"has shard {index} of {count}, expected one below.");
        var isComplete = file.Number(0, 1, "mark of its end") == 1;
        var seconds = BitConverter.Int64BitsToDouble(file.Numbers<long>(1)[0]);
        if (!double.IsFinite(seconds) || seconds < 0)
            throw file.Wrong($"has {seconds} seconds, expected 0 or more.");
        var warnings = ImmutableArray.CreateBuilder<string>();
        for (var i = file.Number(0, PartReader.MostTexts, "number of warnings"); i > 0; i--)
            warnings.Add(file.Text());
        var sizes = source.Sizes;
        NeedMaps(sizes);
        var sums = new AtlasSums(sizes) { Seconds = seconds };
        foreach (var pass in AtlasLayouts.Passes)
            Pass(sums[pass]);
        Activities(sums);
        return new(source, new(index, count), sums) { IsComplete = isComplete, Warnings = warnings.ToImmutable() };
    }

    PartialSource Source()
    {
        var origin = new PartialSource(file);
        var layers = file.Number(1, MostLayers, "number of layers");
        var heads = file.Number(1, MostLayers, "number of heads");
        if ((long)layers * heads > MostHeads)
            throw file.Wrong($"has {layers} layers of {heads} heads, expected {MostHeads} heads at most.");
        var groups = file.Number(1, heads, "number of key heads");
        var window = file.Number(0, int.MaxValue, "window");
        if (heads % groups != 0)
            throw file.Wrong($"has {heads} heads that read {groups}, expected a multiple.");
        var slides = file.Numbers<byte>(layers);
        var source = origin with
        {
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = groups,
            Window = window,
            HasWindow = [.. slides.Select(one => one != 0 && window > 0)],
            Options = file.Options(),
        };
        if (!Enum.TryParse<ScoreProfile>(source[PartialSource.ProfileOption], out var profile)
            || !Enum.IsDefined(profile)
            || !int.TryParse(source[PartialSource.SeedOption], NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out _))
            throw file.Wrong($"names no known rules of scores, or no seed.");
        return source;
    }

    // Sums make room for their maps at once.
    void NeedMaps(Qwen2Config sizes)
    {
        var heads = (long)sizes.LayerCount * sizes.HeadCount;
        file.Need(AtlasLayouts.Passes.Sum(pass =>
            AtlasLayouts.Of(pass, sizes).Maps.Length * PassLayout.MapCells * (heads + 1) * sizeof(long)));
    }

    void Pass(PassSums sums)
    {
        var last = -1L;
        foreach (var number in file.Numbers<long>(file.Number(0, int.MaxValue, "number of sequences")))
        {
            if (number <= last)
                throw file.Wrong($"has sequence {number} behind {last}, expected one above.");
            sums.Numbers.Add(last = number);
        }

        var (layout, before) = (sums.Layout, -1);
        for (var i = file.Number(0, PassSums.GroupCount, "number of groups"); i > 0; i--)
        {
            before = file.Number(before + 1, PassSums.GroupCount - 1, "group");
            file.Need(sizeof(long) * ((sums.HeadCount * (long)layout.HeadLength) + layout.DataLength));
            sums.Groups.Add(
                before,
                new(file.Numbers<long>(sums.HeadCount * layout.HeadLength), file.Numbers<long>(layout.DataLength)));
        }

        file.Numbers<long>(sums.Maps);
        file.Numbers<long>(sums.MapCounts);
    }

    void Activities(AtlasSums sums)
    {
        var (texts, heads) = (sums[AtlasPass.Text].Numbers, sums[AtlasPass.Text].HeadCount);
        for (var i = file.Number(0, ActivitySample.Most, "number of activities"); i > 0; i--)
        {
            var number = file.Numbers<long>(1)[0];
            if (!texts.Contains(number))
                throw file.Wrong($"has the activity of text {number}, which is not in its sums.");
            var ids = file.Numbers<int>(file.Number(1, int.MaxValue, "number of tokens"));
            var most = MemoryMarshal.Cast<int, float>(file.Numbers<int>(heads)).ToArray();
            var peaks = file.Numbers<short>(heads);
            if (ids.Any(id => id < 0) || most.Any(one => !float.IsFinite(one))
                || peaks.Any(peak => peak < 0 || peak >= ids.Length))
                throw file.Wrong($"has an activity of text {number} that no run gives.");
            sums.Activities.Add(
                new SequenceActivity(number, ImmutableCollectionsMarshal.AsImmutableArray(ids), most, peaks));
        }
    }
}
