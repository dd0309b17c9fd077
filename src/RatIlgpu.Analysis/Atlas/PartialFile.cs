namespace RatIlgpu.Analysis;

/// <summary>The file of a part of an atlas.</summary>
static class PartialFile
{
    /// <summary>Gets the kind of the file.</summary>
    public static PartFormat Format { get; } = new("RATATLAS", 1, "part of an atlas of heads", "--partial");
}

/// <summary>Writes a part of an atlas.</summary>
sealed class PartialWriter
{
    readonly PartWriter file;

    PartialWriter(PartWriter file) => this.file = file;

    /// <summary>Writes a part.</summary>
    public static void Write(PartialAtlas part, Stream stream) =>
        PartWriter.Write(PartialFile.Format, stream, file => new PartialWriter(file).Write(part));

    void Write(PartialAtlas part)
    {
        Source(part.Source);
        file.Number(part.Shard.Index);
        file.Number(part.Shard.Count);
        file.Number(part.IsComplete ? 1 : 0);
        file.Numbers<long>([BitConverter.DoubleToInt64Bits(part.Seconds)]);
        file.Number(part.Warnings.Length);
        foreach (var warning in part.Warnings)
            file.Text(warning);
        foreach (var pass in AtlasLayouts.Passes)
            Pass(part.Sums[pass]);
        Activities(part.Sums.Activities);
    }

    void Source(PartialSource source)
    {
        file.Origin(source);
        foreach (var number in (int[])
            [source.LayerCount, source.HeadCount, source.KeyValueHeadCount, source.Window])
            file.Number(number);
        file.Bytes([.. source.HasWindow.Select(has => has ? (byte)1 : (byte)0)]);
        file.Options(source);
    }

    void Pass(PassSums sums)
    {
        file.Number(sums.Numbers.Count);
        file.Numbers<long>([.. sums.Numbers]);
        file.Number(sums.Groups.Count);
        foreach (var (group, own) in sums.Groups)
        {
            file.Number(group);
            file.Numbers<long>(own.Heads);
            file.Numbers<long>(own.Data);
        }

        file.Numbers<long>(sums.Maps);
        file.Numbers<long>(sums.MapCounts);
    }

    void Activities(ActivitySample sample)
    {
        file.Number(sample.Sequences.Count());
        foreach (var sequence in sample.Sequences)
        {
            file.Numbers<long>([sequence.Number]);
            file.Number(sequence.Ids.Length);
            file.Numbers(sequence.Ids.AsSpan());
            file.Numbers<int>(MemoryMarshal.Cast<float, int>(sequence.Most));
            file.Numbers<short>(sequence.Peaks);
        }
    }
}
