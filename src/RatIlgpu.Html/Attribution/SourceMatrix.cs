using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>What each head reads from each token, in every view of a page.</summary>
/// <remarks>A cell is <c>A[h,q,k] (v[k] W_O^h) · d / σ[q]</c>: the attention of the explained position to the token,
/// times what the head would write of the token along the explained direction.</remarks>
sealed class SourceMatrix
{
    readonly ImmutableArray<LogitAttribution> views;

    // The rows that each head counts in.
    readonly Dictionary<HeadIndex, ImmutableArray<int>> rowsOf = [];

    /// <summary>Finds the heads and the sums over heads.</summary>
    /// <param name="views">The attributions by head and source token.</param>
    /// <param name="shows">Tells which heads are shown.</param>
    public SourceMatrix(ImmutableArray<LogitAttribution> views, Func<ResidualTerm, bool> shows)
    {
        this.views = views;
        ImmutableArray<HeadIndex> all =
            [.. views[0].Terms.Select(row => row.Term).OfType<ResidualTerm.HeadSource>().Select(one => one.Index)
                .Distinct()];
        Heads = [.. all.Where(head => shows(new ResidualTerm.Head(head)))];
        LeftOut = all.Length - Heads.Length;
        ImmutableArray<int> layers = [.. all.Select(head => head.Layer).Distinct()];
        Readers =
        [
            .. Heads.Select(head => head.ToString()), "",
            .. layers.Select(layer => new ResidualTerm.Attention(layer).Label),
            .. LeftOut > 0 ? ["unaccounted"] : Array.Empty<string>(),
        ];
        foreach (var head in all)
        {
            var own = Heads.IndexOf(head);
            rowsOf[head] =
                [own < 0 ? Readers.Length - 1 : own, Heads.Length, Heads.Length + 1 + layers.IndexOf(head.Layer)];
        }

        Most = Enumerable.Range(0, views.Length).Max(view =>
            CellsOf(view).Take(Heads.Length * KeysOf(view)).Select(Math.Abs).DefaultIfEmpty().Max());
    }

    /// <summary>Gets the heads that are shown, in the order of the model.</summary>
    public ImmutableArray<HeadIndex> Heads { get; }

    /// <summary>Gets the number of heads that are not shown.</summary>
    public int LeftOut { get; }

    /// <summary>Gets the names of the rows of cells: the shown heads; an empty name, the sum over all heads; the sum
    /// over the heads of each layer; where heads are left out, the sum over them.</summary>
    public ImmutableArray<string> Readers { get; }

    /// <summary>Gets the largest size of a cell of a shown head over all views: the end of the scale of
    /// colours.</summary>
    public float Most { get; }

    /// <summary>Returns the number of tokens that a view can read.</summary>
    public int KeysOf(int view) => views[view].Position + 1;

    /// <summary>Returns the cells of a view, <c>[readers, keys]</c>.</summary>
    public float[] CellsOf(int view)
    {
        var keys = KeysOf(view);
        var sums = new double[Readers.Length * keys];
        foreach (var (term, value) in views[view].Terms)
            if (term is ResidualTerm.HeadSource one)
                foreach (var row in rowsOf[one.Index])
                    sums[(row * keys) + one.Source] += value;
        return [.. sums.Select(sum => (float)sum)];
    }
}
