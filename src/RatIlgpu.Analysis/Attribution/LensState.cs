using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>What a state of the residual stream would predict if it were the last.</summary>
/// <param name="State">The state: <see cref="ResidualTerm.StreamBefore"/>, <see cref="ResidualTerm.StreamMiddle"/> or
/// <see cref="ResidualTerm.FinalStream"/>.</param>
/// <param name="Position">Where, from 0.</param>
/// <param name="Top">The likeliest tokens, the likeliest first.</param>
/// <param name="Tokens">The tokens asked for, in the order asked.</param>
public sealed record LensState(
    ResidualTerm State, int Position, ImmutableArray<LensToken> Top, ImmutableArray<LensToken> Tokens);
