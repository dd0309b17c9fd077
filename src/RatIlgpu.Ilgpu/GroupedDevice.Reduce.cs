namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    // The patterns of 16 MB: as many rows as a card computes at once.
    const int MostPatternNumbers = 4 << 20;

    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result)
    {
        var count = heads.Length;
        EachRow([.. heads, .. rows], result, both =>
        {
            var chosen = AttentionChoice.Of(both, count);
            chosen.Factors = FactorsOf(factors, chosen.Heads);
            Reduce(pattern, chosen, reduction, result);
        });
    }

    // A group for each row would be one launch, but a step of a search has few rows, and would leave most of a card
    // idle. The rows of the heads lie in memory in between, which is bounded.
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Tensor? factors, Visibility visibility, HeadReduction reduction,
        ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var most = (int)Math.Max(1, MostPatternNumbers / ((long)heads.Length * key.Shape[0]));
        for (var first = 0; first < rows.Length; first += most)
        {
            var count = Math.Min(most, rows.Length - first);
            Aggregate(
                query, key, factors, visibility, reduction, heads, rows.Slice(first, count),
                result.Slice(first, count));
        }
    }

    void Aggregate(
        Tensor query, Tensor key, Tensor? factors, Visibility visibility, HeadReduction reduction,
        ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        var sizes = AttentionSizes.Of(query.Shape, key.Shape, visibility.Window);
        var (headCount, rowCount) = (heads.Length, rows.Length);
        using var patterns = Allocate(headCount, rowCount, sizes.Keys);
        // First the heads and rows whose patterns are computed; then, for the reduction, every one of these patterns.
        int[] chosenAndAll =
            [.. heads, .. rows, .. Enumerable.Range(0, headCount), .. Enumerable.Range(0, rowCount)];
        EachRow(chosenAndAll, result, places =>
        {
            var half = headCount + rowCount;
            kernels.Launch(
                PatternRowsKernel.Run<TReduction>, Groups((long)headCount * rowCount), Floats(query), Floats(key),
                FloatsOrNone(visibility.KeyMask), sizes, AttentionChoice.Of(places.SubView(0, half), headCount),
                Floats(patterns));
            var all = AttentionChoice.Of(places.SubView(half, half), headCount);
            all.Factors = FactorsOf(factors, places.SubView(0, headCount));
            Reduce(patterns, all, reduction, result);
        });
    }

    void Reduce(Tensor pattern, AttentionChoice chosen, HeadReduction reduction, Tensor result)
    {
        chosen.IsMaximum = reduction == HeadReduction.Max ? 1 : 0;
        kernels.Launch(
            ReducePatternKernel.Run, Each(result), Floats(pattern), AttentionSizes.Of(pattern.Shape, int.MaxValue),
            chosen, Floats(result));
    }
}
