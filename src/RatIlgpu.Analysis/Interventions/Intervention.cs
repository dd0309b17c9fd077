using System.Numerics.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>A change of an activation during a run. Its factories check all arguments.</summary>
public sealed class Intervention
{
    readonly string verb;
    readonly Recording? source;

    Intervention(string verb, InterventionTarget target, ActivationEdit edit, Recording? source = null) =>
        (this.verb, Target, Change, this.source) = (verb, target, edit, source);

    /// <summary>Gets the activation, heads and positions that are changed.</summary>
    public InterventionTarget Target { get; }

    /// <summary>Gets the change of one row.</summary>
    internal ActivationEdit Change { get; }

    /// <summary>Sets the activation to 0.</summary>
    public static Intervention Zero(InterventionTarget target) => new("zero", target, (_, _, row) => row.Clear());

    /// <summary>Multiplies the activation.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="factor">The factor, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not finite.</exception>
    public static Intervention Scale(InterventionTarget target, float factor)
    {
        NeedFinite(factor, nameof(factor));
        return new("scale", target, (_, _, row) => TensorPrimitives.Multiply(row, factor, row));
    }

    /// <summary>Adds a vector, such as a steering vector, to every head and position of the target.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="vector"><c>[width]</c> of one row of the activation; finite numbers.</param>
    /// <exception cref="ArgumentException">The vector has another length, or the target is a pattern.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite.</exception>
    public static Intervention Add(InterventionTarget target, ReadOnlySpan<float> vector)
    {
        NeedWidth(target, "added to");
        if (vector.Length != target.Width)
            throw new ArgumentException(
                $"{vector.Length} numbers are to be added to {target.Site}, expected {target.Width}.");
        foreach (var number in vector)
            NeedFinite(number, nameof(vector));
        var added = vector.ToArray();
        return new("add to", target, (_, _, row) => TensorPrimitives.Add(row, added, row));
    }

    /// <summary>Replaces the activation by that of another run, position by position.</summary>
    /// <param name="target">The activation, heads and positions to change; without positions, all recorded
    /// ones.</param>
    /// <param name="source">The other run: of the same model, over a prompt of the same length, with the activation
    /// recorded.</param>
    /// <exception cref="ArgumentException">The recording is of another model or does not have the activation, a head or
    /// a position.</exception>
    public static Intervention Replace(InterventionTarget target, Recording source)
    {
        source.CheckFor(target.Model);
        var recorded = source[target.Site];
        Need(target, recorded, target.Positions ?? recorded.Positions);
        return new("replace", target, Change, source);

        void Change(int position, int head, Span<float> row)
        {
            if (!recorded.Has(position))
                return;
            var other = RowOf(target, recorded, position, head);
            // A recorded row of a pattern may have fewer keys: it attends to none of the later ones.
            var count = int.Min(row.Length, other.Length);
            other[..count].CopyTo(row);
            row[count..].Clear();
        }
    }

    /// <summary>Replaces the activation by its mean over the positions of other runs, head by head.</summary>
    /// <param name="target">The activation, heads and positions to change; not a pattern, whose rows differ in their
    /// keys.</param>
    /// <param name="sources">The other runs, at least one, of the same model, with the activation recorded.</param>
    /// <exception cref="ArgumentException">A recording is of another model or does not have the activation or a head,
    /// there is no recording, or the target is a pattern.</exception>
    public static Intervention Mean(InterventionTarget target, params ReadOnlySpan<Recording> sources)
    {
        NeedWidth(target, "averaged at");
        if (sources.IsEmpty)
            throw new ArgumentException("There is no recording to average over: at least one is needed.");
        foreach (var source in sources)
        {
            source.CheckFor(target.Model);
            Need(target, source[target.Site], source[target.Site].Positions);
        }

        var means = new Dictionary<int, float[]>();
        foreach (var head in target.Heads)
            means.Add(head, MeanOf(target, sources, head));
        return new("average", target, (_, head, row) => means[head].CopyTo(row));
    }

    /// <summary>Changes the activation by a function.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="edit">The function; it is called for each position and head in ascending order.</param>
    /// <exception cref="ArgumentNullException">There is no edit.</exception>
    public static Intervention Edit(InterventionTarget target, ActivationEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        return new("edit", target, edit);
    }

    /// <summary>Throws if the intervention does not fit a prompt.</summary>
    internal void CheckFor(Qwen2Model model, int length, ImmutableArray<int>? mask)
    {
        if (model != Target.Model)
            throw new ArgumentException($"{this}: was made for another model than the one that runs.");
        foreach (var position in Target.Positions ?? [])
            if (position >= length)
                throw new ArgumentException($"{this}: the prompt has positions 0 to {length - 1}.");
            else if (mask is { } real && position < real.Length && real[position] == 0)
                throw new ArgumentException($"{this}: position {position} is padding, expected that of a token.");
        CheckLength(length);
    }

    /// <summary>Throws if the recording to replace from has another length than the prompt.</summary>
    internal void CheckLength(int length)
    {
        if (source is { } other && other.TokenIds.Length != length)
            throw new ArgumentException(
                $"{this}: the prompt has {length} tokens, the recording to replace from {other.TokenIds.Length}; "
                + "positions mean the same only in prompts of equal length.");
    }

    /// <summary>Returns the kind of change and its target.</summary>
    public override string ToString() => $"{verb} {Target}";

    static float[] MeanOf(InterventionTarget target, ReadOnlySpan<Recording> sources, int head)
    {
        var sum = new double[target.Width!.Value];
        var count = 0;
        foreach (var source in sources)
            foreach (var position in source[target.Site].Positions)
            {
                var row = RowOf(target, source[target.Site], position, head);
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += row[i];
                count++;
            }

        return [.. sum.Select(total => (float)(total / count))];
    }

    static ReadOnlySpan<float> RowOf(InterventionTarget target, RecordedActivation recorded, int position, int head) =>
        recorded.Heads.IsEmpty ? recorded.Row(position) : recorded.Row(position, target.RecordedHead(head));

    static void Need(InterventionTarget target, RecordedActivation recorded, ImmutableArray<int> positions)
    {
        // A file may claim to be of this model and still hold rows of another width.
        if (target.Width is { } width && recorded.Width != width)
            throw new ArgumentException($"{target.Site} was recorded {recorded.Width} wide, expected {width}.");
        foreach (var position in positions)
            foreach (var head in target.Heads)
                RowOf(target, recorded, position, head);
    }

    static void NeedWidth(InterventionTarget target, string what)
    {
        if (target.Width is null)
            throw new ArgumentException($"Nothing can be {what} {target.Site}: its rows are not over the same keys.");
    }

    static void NeedFinite(float number, string name)
    {
        if (!float.IsFinite(number))
            throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"{number} is not finite."));
    }
}
