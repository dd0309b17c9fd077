namespace RatIlgpu.Generation;

/// <summary>A token that may be drawn. The likelier one comes first; of equally likely ones, that of the smaller
/// id.</summary>
/// <param name="Weight">The probability relative to that of the likeliest token, in (0, 1].</param>
/// <param name="Id">The token.</param>
readonly record struct Candidate(double Weight, int Id) : IComparable<Candidate>
{
    // Sorted without a comparer, which .NET would call by a delegate.
    public int CompareTo(Candidate other) =>
        Weight > other.Weight ? -1 : Weight < other.Weight ? 1 : Id.CompareTo(other.Id);
}
