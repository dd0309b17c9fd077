using System.Collections.Immutable;
using System.Numerics.Tensors;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>A change of an activation during a run; what is wrong with it is said when it is made.</summary>
public sealed class Intervention
{
    readonly string verb;
    readonly Recording? source;

    Intervention(string verb, InterventionTarget target, ActivationEdit edit, Recording? source = null) =>
        (this.verb, Target, Change, this.source) = (verb, target, edit, source);

    /// <summary>Gets what is changed.</summary>
    public InterventionTarget Target { get; }

    /// <summary>Gets the change of one row.</summary>
    internal ActivationEdit Change { get; }

    /// <summary>Sets the activation to 0.</summary>
    public static Intervention Zero(InterventionTarget target) => new("zero", target, (_, _, row) => row.Clear());

    /// <summary>Multiplies the activation.</summary>
    /// <param name="target">What to change.</param>
    /// <param name="factor">By which finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not finite.</exception>
    public static Intervention Scale(InterventionTarget target, float factor)
    {
        NeedFinite(factor, nameof(factor));
        return new("scale", target, (_, _, row) => TensorPrimitives.Multiply(row, factor, row));
    }

    /// <summary>Adds to the activation, the same at every head and position, such as a steering vector.</summary>
    /// <param name="target">What to change.</param>
    /// <param name="vector">As many finite numbers as the activation has at one position, or for one head at
    /// one.</param>
    /// <exception cref="ArgumentException">There are more numbers or fewer, or the target is a pattern.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite.</exception>
    public static Intervention Add(InterventionTarget target, ImmutableArray<float> vector)
    {
        NeedWidth(target, "added to");
        if (vector.IsDefault)
            vector = [];
        if (vector.Length != target.Width)
            throw new ArgumentException(
                $"{vector.Length} numbers are to be added to {target.Site}, expected {target.Width}.");
        foreach (var number in vector)
            NeedFinite(number, nameof(vector));
        return new("add to", target, (_, _, row) => TensorPrimitives.Add(row, vector.AsSpan(), row));
    }

    /// <summary>Puts the activation of another run in place of this one's, position by position.</summary>
    /// <param name="target">What to change; without positions, all that were recorded.</param>
    /// <param name="source">The other run: of the same model, over a prompt of the same length, with this activation
    /// recorded.</param>
    /// <exception cref="ArgumentException">The recording is of another model, or has not what is needed.</exception>
    public static Intervention Replace(InterventionTarget target, Recording source)
    {
        NeedModel(target, source);
        var recorded = source[target.Site];
        Need(target, recorded, target.Positions ?? recorded.Positions);
        return new("replace", target, Change, source);

        void Change(int position, int head, Span<float> row)
        {
            if (!recorded.Has(position))
                return;
            var other = RowOf(target, recorded, position, head);
            // A row of a pattern that was recorded over fewer keys gave nothing to the later ones.
            var count = int.Min(row.Length, other.Length);
            other[..count].CopyTo(row);
            row[count..].Clear();
        }
    }

    /// <summary>Puts the mean over the positions of other runs in place of the activation, head by head.</summary>
    /// <param name="target">What to change; not a pattern, whose rows are not over the same keys.</param>
    /// <param name="sources">The other runs, at least one, of the same model, with this activation recorded.</param>
    /// <exception cref="ArgumentException">A recording is of another model or has not what is needed, there is none, or
    /// the target is a pattern.</exception>
    public static Intervention Mean(InterventionTarget target, params ImmutableArray<Recording> sources)
    {
        NeedWidth(target, "averaged at");
        if (sources.IsDefaultOrEmpty)
            throw new ArgumentException("There is no recording to average over: at least one is needed.");
        foreach (var source in sources)
        {
            NeedModel(target, source);
            Need(target, source[target.Site], source[target.Site].Positions);
        }

        var means = target.Heads.ToDictionary(head => head, head => MeanOf(target, sources, head));
        return new("average", target, (_, head, row) => means[head].CopyTo(row));
    }

    /// <summary>Changes the activation freely.</summary>
    /// <param name="target">What to change.</param>
    /// <param name="edit">Changes the numbers of one position, or of one head at one; called in their order.</param>
    /// <exception cref="ArgumentNullException">There is no edit.</exception>
    public static Intervention Edit(InterventionTarget target, ActivationEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        return new("edit", target, edit);
    }

    /// <summary>Refuses a prompt that the intervention does not fit.</summary>
    /// <param name="model">The model that runs.</param>
    /// <param name="length">The tokens of the prompt.</param>
    /// <param name="mask">Which tokens are real; null for all.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
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

    /// <summary>Refuses a prompt of another length than the one to replace from.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void CheckLength(int length)
    {
        if (source is { } other && other.TokenIds.Length != length)
            throw new ArgumentException(
                $"{this}: the prompt has {length} tokens, the recording to replace from {other.TokenIds.Length}; "
                + "positions mean the same only in prompts of equal length.");
    }

    /// <summary>Returns what is done to what.</summary>
    public override string ToString() => $"{verb} {Target}";

    static float[] MeanOf(InterventionTarget target, ImmutableArray<Recording> sources, int head)
    {
        var sum = new double[target.Width!.Value];
        var count = 0;
        foreach (var recorded in sources.Select(source => source[target.Site]))
            foreach (var position in recorded.Positions)
            {
                var row = RowOf(target, recorded, position, head);
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
        // A file can say that it is of this model and hold what this model has not.
        if (target.Width is { } width && recorded.Width != width)
            throw new ArgumentException($"{target.Site} was recorded {recorded.Width} wide, expected {width}.");
        foreach (var position in positions)
            foreach (var head in target.Heads)
                RowOf(target, recorded, position, head);
    }

    static void NeedModel(InterventionTarget target, Recording source)
    {
        source.CheckFor(target.Model);
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
