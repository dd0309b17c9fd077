namespace RatIlgpu.Analysis;

/// <summary>Runs the corrupted prompt with many different patches at once, each only where it can differ from the
/// unpatched run: after the patched site, at the positions from the first difference of the prompts on.</summary>
/// <remarks>docs/analysis.md lists the omitted computations and why they change nothing.</remarks>
sealed class BranchRuns : IDisposable
{
    // The prefixes of many branches, or their logits, could take more memory than everything else: at most 128 MB of
    // floats.
    const long MostHeld = 32 << 20;

    readonly Qwen2Model model;
    readonly PromptPair pair;
    readonly MetricReader metric;
    readonly MetricReader.Measured unchanged;
    readonly int batchRows;
    readonly KeyValueCache? prefix;
    readonly int end;
    readonly CancellationToken cancellation;

    /// <summary>Runs the common prefix of the two prompts. A batch has at most <paramref name="batchRows"/> rows, but a
    /// patch is never split. Cancellation stops between two batches.</summary>
    public BranchRuns(Qwen2Model model, RunPair both, int batchRows, CancellationToken cancellation)
    {
        (this.model, pair, metric, this.batchRows) = (model, both.Pair, both.Reader, batchRows);
        (unchanged, this.cancellation, end) = (both.CorruptedMetric, cancellation, metric.Positions[^1] + 1);
        if (pair.FirstDifference == 0 || Tail == 0)
            return;
        prefix = new(model.Config, model.Device, pair.FirstDifference);
        try
        {
            var options = new ForwardOptions
            {
                AttentionMask = MaskUpTo(pair.FirstDifference),
                LogitCount = 0,
                Cache = prefix,
                Cancellation = cancellation,
            };
            model.Run(pair.Corrupted.AsSpan()[..pair.FirstDifference], options);
        }
        catch
        {
            prefix.Dispose();
            throw;
        }
    }

    // The number of computed positions: from the first difference to the last position of the metric.
    int Tail => int.Max(0, end - pair.FirstDifference);

    // A branch needs rows of its own, a copy of the keys and values of the prefix, and the rows that the metric reads.
    int Branches
    {
        get
        {
            var config = model.Config;
            var seen = (long)pair.Length * (2 * config.KeyValueHeadCount + config.HeadCount) * config.HeadSize;
            var held = long.Min(MostHeld / seen, MostHeld / metric.ReadCount(end));
            return (int)long.Clamp(long.Min(batchRows / int.Max(1, Tail), held), 1, int.MaxValue);
        }
    }

    /// <summary>Returns the metric under each patch of one site.</summary>
    /// <param name="start">The stream of the corrupted run from which the run starts, no later than
    /// <paramref name="edited"/>.</param>
    /// <param name="edited">The site that is patched.</param>
    /// <param name="patches">The edits of each patch; a patch without edits is not run.</param>
    /// <param name="count">The number of patches.</param>
    /// <param name="known">The metric of the first patches, where an earlier run measured it. A batch of which all are
    /// known is not run; any other is run as a whole, so that each patch has the neighbours, and with them the bits, of
    /// a run that knows nothing.</param>
    public IEnumerable<double> Measure(
        RecordedActivation start,
        Site edited,
        IEnumerable<IReadOnlyList<RowEdit>> patches,
        int count,
        IReadOnlyList<double> known)
    {
        if (known.Count >= count)
        {
            foreach (var value in known)
                yield return value;
            yield break;
        }

        // For all batches: the stream stays on the device also when a patch reads it.
        using var stream = start.Numbers.On(model.Device);
        var done = 0;
        foreach (var batch in patches.Chunk(Branches))
        {
            cancellation.ThrowIfCancellationRequested();
            var values = done + batch.Length <= known.Count
                ? known.Skip(done).Take(batch.Length)
                : ValuesOf(start, stream.Tensor, edited, batch);
            done += batch.Length;
            foreach (var value in values)
                yield return value;
        }
    }

    public void Dispose() => prefix?.Dispose();

    IEnumerable<double> ValuesOf(
        RecordedActivation start, Tensor stream, Site edited, IReadOnlyList<RowEdit>[] batch)
    {
        // A change after the last position of the metric does not reach it.
        var changing = batch.Select(patch => patch.Where(edit => edit.Position < end).ToList())
            .Where(patch => patch.Count > 0).ToArray();
        var values = changing.Length == 0 ? [] : MeasureBatch(start, stream, edited, changing);
        var next = 0;
        foreach (var patch in batch)
            yield return patch.Any(edit => edit.Position < end) ? values[next++] : unchanged.Value;
    }

    double[] MeasureBatch(
        RecordedActivation start, Tensor stream, Site edited, IReadOnlyList<IReadOnlyList<RowEdit>> batch)
    {
        var reading = metric.Read(batch.Count, end, unchanged.Rows);
        using var rows = Repeat(start, stream, batch.Count);
        var options = new ForwardOptions
        {
            Probe = new ProbePair(new BranchProbe(edited, batch, end), reading),
            AttentionMask = MaskUpTo(end),
            StopAfter = metric.StopAfter,
            LogitCount = end - metric.Positions[0],
            Cache = prefix,
            Cancellation = cancellation,
        };
        model.RunFrom(start.Site, rows, options, batch.Count);
        return reading.Values;
    }

    ValueArray<int>? MaskUpTo(int position) => pair.AttentionMask?.Slice(0, position);

    // The rows of one position, one for each branch, lie together.
    Tensor Repeat(RecordedActivation start, Tensor stream, int branches)
    {
        var places = new int[checked(Tail * branches)];
        for (var row = 0; row < places.Length; row++)
            places[row] = start.IndexOf(pair.FirstDifference + row / branches);
        var rows = model.Device.Allocate(places.Length, model.Config.HiddenSize);
        try
        {
            model.Device.Gather(stream, places, rows);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }
}

/// <summary>A probe that changes an activation differently in each branch of a run.</summary>
sealed class BranchProbe(Site site, IReadOnlyList<IReadOnlyList<RowEdit>> patches, int length) : IProbe
{
    public void Begin(int firstPosition, int positionCount)
    {
    }

    public bool Wants(Site asked) => asked == site;

    public void Show(Site asked, Tensor activation, Device device)
    {
        var (shape, branches) = (activation.Shape, patches.Count);
        var width = shape[^1];
        var (positions, heads) = site.Activation switch
        {
            Activation.Pattern => (shape[1], shape[0] / branches),
            Activation.HeadKey or Activation.HeadValue => (shape[0], shape[1] / branches),
            _ => (shape[0] / branches, shape.Rank == 3 ? shape[1] : 1),
        };
        var edits = new List<(long Row, RowEdit Edit)>();
        for (var branch = 0; branch < branches; branch++)
            edits.AddRange(patches[branch].Select(edit => (RowOf(branch, edit), edit)));
        edits.Sort((one, other) => one.Row.CompareTo(other.Row));
        Change(edits, activation, device);

        // A pattern is [branch, head, position], any other activation [position, branch, head]. A single key of a
        // pattern is a row of one number.
        long RowOf(int branch, RowEdit edit)
        {
            var position = edit.Position - (length - positions);
            var row = site.Activation == Activation.Pattern
                ? (long)(branch * heads + edit.Head) * positions + position
                : (long)(position * branches + branch) * heads + edit.Head;
            return edit.Key is { } key ? row * width + key : row;
        }
    }

    // One upload, of the rows that change.
    static void Change(List<(long Row, RowEdit Edit)> edits, Tensor activation, Device device)
    {
        var (shape, first) = (activation.Shape, edits[0].Edit);
        var width = first.Key is null ? shape[^1] : 1;
        var given = first.Numbers.Length;
        var numbers = new float[checked(edits.Count * given)];
        foreach (var (i, (_, edit)) in edits.Index())
            edit.Numbers.CopyTo(numbers.AsMemory(i * given, given));
        using var source = device.Allocate(edits.Count, given);
        device.Upload(numbers, source);
        int[] sourceRows = [.. Enumerable.Range(0, edits.Count)];
        int[] rows = [.. edits.Select(one => checked((int)one.Row))];
        var destination = activation.Reshape(checked((int)(shape.Count / width)), width);
        if (first.Kind == RowEditKind.Add)
            device.AddRows(source, sourceRows, rows, destination);
        else
            device.CopyRows(source, sourceRows, rows, destination);
    }
}

/// <summary>A change of one position, or of one head at one position. All changes of a site are of one kind and of as
/// many numbers.</summary>
/// <param name="Position">The position of the prompt.</param>
/// <param name="Head">The head; 0 if the activation does not have heads.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Numbers"><c>[width]</c>; those of a pattern may be more than the run has keys.</param>
/// <param name="Key">The only key of a pattern that changes; null for the whole row.</param>
readonly record struct RowEdit(
    int Position, int Head, RowEditKind Kind, ReadOnlyMemory<float> Numbers, int? Key = null);

/// <summary>The kinds of a change of a row.</summary>
enum RowEditKind
{
    /// <summary>The numbers take the place of the row.</summary>
    Replace,

    /// <summary>The numbers are added to the row.</summary>
    Add,
}
