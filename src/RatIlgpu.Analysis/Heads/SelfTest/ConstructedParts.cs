namespace RatIlgpu.Analysis;

/// <summary>The parts of which heads of constructed models are made.</summary>
static class ConstructedParts
{
    /// <summary>Lets a head look a number of tokens back, by biases alone: in every fast pair m the key is <c>(c,
    /// 0)</c> and the query <c>(c cos nθ_m, −c sin nθ_m)</c>, so that <c>S(δ) = c²/√d · Σ_m cos((δ − n)
    /// θ_m)</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The query head; no other head of its group may have queries in fast pairs.</param>
    /// <param name="offset">The number of tokens back, n.</param>
    /// <param name="strength">The strength, c².</param>
    public static void LookBack(this ConstructedModel model, int layer, int head, int offset, double strength)
    {
        var (shape, height) = (model.Shape, Math.Sqrt(strength));
        for (var pair = 0; pair < shape.FastPairs; pair++)
        {
            var (sine, cosine) = Math.SinCos(offset * shape.Frequency(pair));
            model.KeyBias(layer, head / ConstructedShape.GroupSize, pair) = height;
            model.QueryBias(layer, head, pair) = height * cosine;
            model.QueryBias(layer, head, pair + (shape.HeadSize / 2)) = -height * sine;
        }
    }

    /// <summary>Lets a head look for keys by tokens: both sides have the height <c>√(κ√d) / ρ</c> at the code of a
    /// token, so that <c>S = κ cos δθ</c> where the codes are equal, with the slow frequency of the code.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The query head.</param>
    /// <param name="kappa">The score of equal codes, κ.</param>
    /// <param name="parts">The unit vectors that the streams hold, of which ρ is the height after the norm.</param>
    /// <param name="queries">The code that the query of each token looks for; null for a query of 0.</param>
    /// <param name="keys">The place in the stream from which a key has the code of each token; null for none.</param>
    public static void Match(
        this ConstructedModel model,
        int layer,
        int head,
        double kappa,
        int parts,
        Func<int, int?> queries,
        Func<int, int?> keys)
    {
        var (shape, height) = (model.Shape, model.MatchHeight(kappa) / model.Shape.Height(parts));
        for (var token = 0; token < ConstructedShape.Vocabulary; token++)
        {
            if (queries(token) is { } sought)
                model.Query(layer, head, shape.Code(sought), ConstructedShape.Token(token)) = height;
            if (keys(token) is { } place)
                model.Key(layer, head / ConstructedShape.GroupSize, shape.Code(token), place) = height;
        }
    }

    /// <summary>Lets every query of a head look at one coordinate of the keys: the query bias is 1 there, and a key has
    /// <c>κ√d / ρ</c> from a place in the stream, so that <c>S = κ</c> where the place holds 1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The query head.</param>
    /// <param name="kappa">The score, κ.</param>
    /// <param name="parts">The unit vectors that the streams hold, of which ρ is the height after the norm.</param>
    /// <param name="places">The places in the stream.</param>
    public static void Select(
        this ConstructedModel model, int layer, int head, double kappa, int parts, params IEnumerable<int> places)
    {
        var shape = model.Shape;
        model.QueryBias(layer, head, shape.SpareCode) = 1;
        foreach (var place in places)
            model.Key(layer, head / ConstructedShape.GroupSize, shape.SpareCode, place) =
                kappa * Math.Sqrt(shape.HeadSize) / shape.Height(parts);
    }

    /// <summary>Lets the value heads of a group hold each token: coordinate t of the value is <c>factor · x[t]</c>, for
    /// x the normed stream.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="group">The key/value head.</param>
    /// <param name="factor">The factor; <c>1/ρ</c> undoes the norm.</param>
    /// <param name="tokens">The tokens; null for all.</param>
    public static void HoldTokens(
        this ConstructedModel model, int layer, int group, double factor, IEnumerable<int>? tokens = null)
    {
        foreach (var token in tokens ?? Enumerable.Range(0, ConstructedShape.Vocabulary))
            model.Value(layer, group, token, ConstructedShape.Token(token)) = factor;
    }

    /// <summary>Lets a head write the tokens that its values hold.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The query head.</param>
    /// <param name="place">The place in the stream to which each token is written.</param>
    /// <param name="factor">The factor.</param>
    public static void WriteTokens(
        this ConstructedModel model, int layer, int head, Func<int, int> place, double factor = 1)
    {
        for (var token = 0; token < ConstructedShape.Vocabulary; token++)
            model.Output(layer, head, place(token), token) = factor;
    }

    /// <summary>Returns <c>√(κ√d)</c>: the height of a query and a key whose score is κ.</summary>
    public static double MatchHeight(this ConstructedModel model, double kappa) =>
        Math.Sqrt(kappa * Math.Sqrt(model.Shape.HeadSize));
}
