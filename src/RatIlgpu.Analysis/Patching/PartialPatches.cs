namespace RatIlgpu.Analysis;

/// <summary>The patches of a sweep that are measured so far. Saved while the sweep runs, they let a later run of the
/// same sweep go on where it was stopped; its results have the bits of one run.</summary>
/// <remarks>One sweep at a time adds to them.</remarks>
public sealed class PartialPatches
{
    static readonly PartFormat Format = new("RATPATCH", 1, "part of a sweep of patches", "patch --partial");

    readonly List<double> measured;
    readonly string where = "The measured patches";
    PatchSource? source;
    int next;

    /// <summary>Makes the beginning of a sweep: no patch is measured yet.</summary>
    public PartialPatches() => measured = [];

    PartialPatches(string path, PatchSource source, long total, double[] measured)
    {
        (where, this.source, Total) = (path, source, total);
        this.measured = [.. measured];
    }

    /// <summary>Gets how many patches are measured.</summary>
    public long Done => measured.Count;

    /// <summary>Gets the patches of the whole sweep; null before a sweep has begun.</summary>
    public long? Total { get; private set; }

    /// <summary>Returns the part that a file has, or one without a patch where there is no file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or no part of a sweep of patches.</exception>
    public static PartialPatches Resume(string path) => File.Exists(path) ? Load(path) : new();

    /// <summary>Reads a part.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or no part of a sweep of patches.</exception>
    public static PartialPatches Load(string path) => PartReader.Read(path, Format, file =>
    {
        var source = new PatchSource(file);
        var total = file.Numbers<long>(1)[0];
        var count = file.Number(0, Array.MaxLength, "number of measured patches");
        if (count > total)
            throw file.Wrong($"has {count} measured patches of {total}, expected no more.");
        return new PartialPatches(path, source, total, file.Numbers<double>(count));
    });

    /// <summary>Writes the part, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="InvalidOperationException">No sweep has begun.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path)
    {
        var of = source ?? throw new InvalidOperationException("No sweep has begun: there is nothing to save.");
        WholeFile.Write(path, stream => PartWriter.Write(Format, stream, file =>
        {
            file.Origin(of);
            file.Options(of);
            file.Numbers<long>([Total!.Value]);
            file.Number(measured.Count);
            file.Numbers<double>(CollectionsMarshal.AsSpan(measured));
        }));
    }

    /// <summary>Begins a sweep, or goes on with it.</summary>
    /// <param name="now">What the patches of the sweep are of.</param>
    /// <param name="total">How many there are.</param>
    /// <exception cref="InvalidDataException">The part is of another sweep.</exception>
    internal void Begin(PatchSource now, long total)
    {
        var difference = source is null ? null
            : now.DifferenceTo(source, allowsMixture: false)
                ?? (Total == total ? null : new("number of patches", Text(Total!.Value), Text(total)));
        if (difference is not null)
            throw difference.Refusal(where);
        (source, Total, next) = (now, total, 0);
    }

    /// <summary>Returns those of the next patches of the sweep that are measured, in order.</summary>
    /// <param name="most">The number of patches that are asked for.</param>
    internal IReadOnlyList<double> Known(int most) =>
        next < measured.Count ? measured.GetRange(next, int.Min(most, measured.Count - next)) : [];

    /// <summary>Takes the metric of the next patch of the sweep.</summary>
    /// <returns>Whether it was not measured before.</returns>
    internal bool Add(double value)
    {
        if (next++ < measured.Count)
            return false;
        measured.Add(value);
        return true;
    }

    static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
