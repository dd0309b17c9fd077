using RatIlgpu.Interventions;
using RatIlgpu.Models;

namespace RatIlgpu;

/// <summary>A change of an activation during a run. Its factories check all arguments.</summary>
public sealed class Intervention
{
    readonly string verb;
    readonly int? length;

    Intervention(string verb, InterventionTarget target, RowChange change, int? length = null) =>
        (this.verb, Target, Change, this.length) = (verb, target, change, length);

    /// <summary>Gets the activation, heads and positions that are changed.</summary>
    public InterventionTarget Target { get; }

    /// <summary>Gets the change of the rows.</summary>
    internal RowChange Change { get; }

    /// <summary>Sets the activation to 0.</summary>
    public static Intervention Zero(InterventionTarget target) => new("zero", target, new ZeroedRows());

    /// <summary>Multiplies the activation.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="factor">The factor, finite.</param>
    /// <exception cref="ArgumentException">The target is keys of single query heads in a model that norms
    /// keys.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not finite.</exception>
    public static Intervention Scale(InterventionTarget target, float factor)
    {
        NeedLength(target, "scaled");
        NeedFinite(factor, nameof(factor));
        return new("scale", target, new ScaledRows(factor));
    }

    /// <summary>Adds a vector, such as a steering vector, to every head and position of the target.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="vector"><c>[width]</c> of one row of the activation; finite numbers.</param>
    /// <exception cref="ArgumentException">The vector has another length, or the target is a pattern, or keys of single
    /// query heads in a model that norms keys.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite.</exception>
    public static Intervention Add(InterventionTarget target, ReadOnlySpan<float> vector)
    {
        NeedWidth(target);
        NeedLength(target, "added to");
        if (vector.Length != target.Width)
            throw new ArgumentException(
                $"{vector.Length} numbers are to be added to {target.Site}, expected {target.Width}.");
        foreach (var number in vector)
            NeedFinite(number, nameof(vector));
        RowSource source = new(new(vector.Length, [.. vector]), (_, _) => 0);
        return new("add to", target, new SourcedRows(source, Adds: true));
    }

    /// <summary>Replaces rows of the activation by given ones.</summary>
    /// <remarks>Support code for the project's own packages: <c>Replace</c> and <c>Mean</c> of RatIlgpu.Analysis take
    /// their rows from recordings.</remarks>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="source">The rows to put in their place.</param>
    /// <param name="verb">The kind of change, a verb, for descriptions and errors.</param>
    /// <param name="length">The only number of tokens that a prompt may have; null for any.</param>
    public static Intervention ReplaceRows(
        InterventionTarget target, RowSource source, string verb, int? length = null) =>
        new(verb, target, new SourcedRows(source, Adds: false), length);

    /// <summary>Changes the activation by a function of this process: on another device, the rows that it changes are
    /// downloaded and uploaded.</summary>
    /// <param name="target">The activation, heads and positions to change.</param>
    /// <param name="edit">The function; it is called for each position and head in ascending order.</param>
    /// <param name="verb">The kind of change, a verb, for descriptions and errors.</param>
    /// <param name="length">The only number of tokens that a prompt may have; null for any.</param>
    /// <exception cref="ArgumentNullException">There is no edit.</exception>
    /// <exception cref="ArgumentException">The target is keys of single query heads in a model that norms
    /// keys.</exception>
    public static Intervention Edit(
        InterventionTarget target, ActivationEdit edit, string verb = "edit", int? length = null)
    {
        ArgumentNullException.ThrowIfNull(edit);
        NeedLength(target, "edited");
        return new(verb, target, new EditedRows(edit), length);
    }

    /// <summary>Throws if the intervention does not fit a prompt.</summary>
    /// <param name="model">The model that runs.</param>
    /// <param name="length">The number of tokens of the prompt.</param>
    /// <param name="mask">The attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null for no
    /// padding.</param>
    /// <exception cref="ArgumentException">The intervention was made for another model or for a prompt of another
    /// length, or a position is padding or not there.</exception>
    public void CheckFor(Qwen2Model model, int length, ImmutableArray<int>? mask)
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

    /// <summary>Throws if the intervention is for prompts of another length.</summary>
    internal void CheckLength(int found)
    {
        if (length is { } only && only != found)
            throw new ArgumentException(
                $"{this}: the prompt has {found} token{(found == 1 ? "" : "s")}, the recording to replace from {only}; "
                + "positions mean the same only in prompts of equal length.");
    }

    /// <summary>Returns the kind of change and its target.</summary>
    public override string ToString() => $"{verb} {Target}";

    static void NeedWidth(InterventionTarget target)
    {
        if (target.Width is null)
            throw new ArgumentException(
                $"Nothing can be added to {target.Site}: its rows are not over the same keys.");
    }

    // The copies of the query heads are made of normed keys, which do not tell how long the keys were.
    static void NeedLength(InterventionTarget target, string change)
    {
        if (target.IsRotated && target.Model.Config.NormsHeads)
            throw new ArgumentException(
                $"{target.Site} cannot be {change} for a query head alone, since the model norms keys: change "
                + $"{Activation.RotatedKey}, or all query heads of a group ({KeyValueScope.KeyValueGroup}).");
    }

    static void NeedFinite(float number, string name)
    {
        if (!float.IsFinite(number))
            throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"{number} is not finite."));
    }
}
