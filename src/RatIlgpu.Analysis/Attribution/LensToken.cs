namespace RatIlgpu.Analysis;

/// <summary>A token, as a state of the stream would predict it.</summary>
/// <param name="Id">The token.</param>
/// <param name="Rank">1 for the likeliest; of equal logits, the token with the lower id comes first.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
public readonly record struct LensToken(int Id, int Rank, double Logit, double Probability);
