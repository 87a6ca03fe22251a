using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>What generated calls share.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Invocation
{
    /// <summary>What to throw when a method returned no task, or no items: as any exception of the method.</summary>
    /// <param name="method">Its type and name.</param>
    public static InvalidOperationException ReturnedNull(string method) => new($"{method} returned null instead of a task or items.");

    /// <summary>An argument that a call filter puts in.</summary>
    /// <typeparam name="T">What the method takes.</typeparam>
    /// <exception cref="InvalidCastException">It is of another type; or null, where the method takes a value.</exception>
    public static T Argument<T>(object? value) =>
        value is null && default(T) is not null ? throw new InvalidCastException($"A {typeof(T)} cannot be null.") : (T)value!;
}
