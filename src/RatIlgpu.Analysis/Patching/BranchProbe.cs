using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Changes an activation differently in each branch of a run.</summary>
/// <param name="site">Which activation.</param>
/// <param name="patches">The edits of each branch.</param>
/// <param name="length">One past the last position of the run.</param>
sealed class BranchProbe(Site site, IReadOnlyList<IReadOnlyList<RowEdit>> patches, int length) : IProbe
{
    public void Begin(int firstPosition, int positionCount)
    {
    }

    public bool Wants(Site asked) => asked == site;

    public void Show(Site asked, Tensor activation, Device device)
    {
        var numbers = device.Download(activation);
        var (shape, branches) = (activation.Shape, patches.Count);
        var width = shape[^1];
        var (positions, heads) = site.Activation switch
        {
            Activation.Pattern => (shape[1], shape[0] / branches),
            Activation.HeadKey or Activation.HeadValue => (shape[0], shape[1] / branches),
            _ => (shape[0] / branches, shape.Rank == 3 ? shape[1] : 1),
        };
        for (var branch = 0; branch < branches; branch++)
            foreach (var edit in patches[branch])
                edit.Change(numbers.AsSpan(RowOf(branch, edit) * width, width));
        device.Upload(numbers, activation);

        // A pattern lies as [branch, head, position], anything else as [position, branch, head].
        int RowOf(int branch, RowEdit edit)
        {
            var position = edit.Position - (length - positions);
            return site.Activation == Activation.Pattern
                ? (branch * heads + edit.Head) * positions + position
                : (position * branches + branch) * heads + edit.Head;
        }
    }
}
