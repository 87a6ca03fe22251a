using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Payloads;

/// <summary>
/// Finds out that a payload was forgotten. Its bytes are then given up but never used again, for a span of them may still be read: that keeps the array alive, but not the payload.
/// </summary>
/// <param name="bytes">What the payload holds.</param>
internal sealed class PayloadGuard(ICountedBytes bytes)
{
    private int _ended;

    /// <summary>The garbage collector's thread.</summary>
    ~PayloadGuard()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            bytes.Abandon();
        }
    }

    /// <summary>The payload lets go by itself.</summary>
    /// <returns>False if it was given up before: a finalizer may dispose a payload that was forgotten together with it.</returns>
    public bool TryDisarm()
    {
        bool isFirst = Interlocked.Exchange(ref _ended, 1) == 0;
        GC.SuppressFinalize(this);
        return isFirst;
    }
}
