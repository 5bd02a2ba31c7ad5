using System.Diagnostics;

namespace Forge.History.Telemetry;

/// <summary>Where a call is in its trace, as it is kept: what the header <c>traceparent</c> says, in 25 bytes (trace, span, flags).</summary>
internal static class CallTrace
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>That of the call that is being run; null if it is in no trace that somebody keeps.</summary>
    public static byte[]? OfThisCall()
    {
        if (Activity.Current is not { Recorded: true, IdFormat: ActivityIdFormat.W3C } span)
        {
            return null;
        }

        var trace = new byte[TraceBytes + SpanBytes + 1];
        span.TraceId.CopyTo(trace.AsSpan(0, TraceBytes));
        span.SpanId.CopyTo(trace.AsSpan(TraceBytes, SpanBytes));
        trace[^1] = (byte)span.ActivityTraceFlags;
        return trace;
    }

    /// <summary>What was kept; null for what no silo wrote.</summary>
    public static ActivityContext? Read(byte[]? trace)
    {
        if (trace is not { Length: TraceBytes + SpanBytes + 1 })
        {
            return null;
        }

        var context = new ActivityContext(
            ActivityTraceId.CreateFromBytes(trace.AsSpan(0, TraceBytes)), ActivitySpanId.CreateFromBytes(trace.AsSpan(TraceBytes, SpanBytes)),
            (ActivityTraceFlags)trace[^1], isRemote: true);
        return context.TraceId == default || context.SpanId == default ? null : context;
    }
}
