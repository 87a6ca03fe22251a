namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Bytes that may be used each second, and at most that many at once.</summary>
internal sealed class ByteBudget(long bytesPerSecond)
{
    private double _bytes = bytesPerSecond;
    private TimeSpan _at = TimeSpan.MinValue;

    /// <summary>Whether that many may be used now.</summary>
    public bool Has(TimeSpan now, long bytes)
    {
        if (_at != TimeSpan.MinValue && now > _at)
        {
            _bytes = Math.Min(bytesPerSecond, _bytes + ((now - _at).TotalSeconds * bytesPerSecond));
        }

        _at = now;
        return _bytes >= bytes;
    }

    /// <summary>Uses bytes.</summary>
    public void Use(long bytes) => _bytes -= bytes;
}
