namespace Kameo.Actors;

/// <summary>Base of every actor class.</summary>
public abstract class Actor;
