using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Trace;

/// <summary>How much of a trace's paths leads through a part of it.</summary>
static class Shares
{
    extension(TraceResult trace)
    {
        /// <summary>Returns the sum of the weights of the paths that take a link, in [0, 1].</summary>
        public double ShareOf(SankeyLink link) => link.PathIndices.Sum(path => trace.PathWeights[path]);
    }
}
