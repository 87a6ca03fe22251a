using System.Globalization;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Simulation;

/// <summary>What happened in a run, line by line, for people. Costs nothing when it is off.</summary>
/// <param name="writer">Where to; null for off.</param>
internal sealed class Trace(TextWriter? writer)
{
    /// <summary>Whether anything is written.</summary>
    public bool IsOn => writer is not null;

    /// <summary>Writes one line.</summary>
    /// <param name="at">True time.</param>
    /// <param name="text">What happened.</param>
    public void Write(long at, [InterpolatedStringHandlerArgument("")] ref TraceLine text) =>
        writer?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at / (double)TimeSpan.TicksPerSecond,10:0.000000} {text.ToStringAndClear()}"));
}

/// <summary>Formats only if the trace is on.</summary>
[InterpolatedStringHandler]
internal ref struct TraceLine
{
    private DefaultInterpolatedStringHandler _inner;

    public TraceLine(int literalLength, int formattedCount, Trace trace, out bool isEnabled)
    {
        isEnabled = trace.IsOn;
        _inner = isEnabled ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => _inner.AppendLiteral(text);

    public void AppendFormatted(View view) => _inner.AppendLiteral(Plain.View(view));

    public void AppendFormatted(ViewMessage message) => _inner.AppendLiteral(Plain.Message(message));

    public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _inner.AppendFormatted(value, format);

    public string ToStringAndClear() => _inner.ToStringAndClear();
}
