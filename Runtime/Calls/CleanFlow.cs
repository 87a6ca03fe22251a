namespace Kameo.Actors.Calls;

/// <summary>The execution context in which nothing flows: what turns start in.</summary>
internal static class CleanFlow
{
    /// <summary>It.</summary>
    public static readonly ExecutionContext Value = Find();

    private static ExecutionContext Find()
    {
        // Whoever asks first may have a context of its own; a thread started so has none.
        ExecutionContext? found = null;
        var thread = new Thread(() => found = ExecutionContext.Capture()) { IsBackground = true };
        thread.UnsafeStart();
        thread.Join();
        return found!;
    }
}
